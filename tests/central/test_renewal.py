"""Renewal: the old key speaks for the new one, until it has ended or was revoked."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from central.errors import IdentityTrouble
from central.identity import premises
from central.identity.authority import name_of, new_key, pem, public_bytes, utc_now
from central.identity.office import MOST_LIVING, Reason, TurnedAway
from kiosk import pairing
from kiosk.errors import StationError
from kiosk.link import identity
from kiosk.link.centre_door import TurnedAway as SentAway
from kiosk.link.enrolment import enrol, renew
from kiosk.settings import LinkSection
from tests.central.enrolling import request_of
from tests.central.secured import Secured


@pytest.fixture(autouse=True)
def _quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less, to save time; test_shipped_broker has them in full."""
    monkeypatch.setattr(pairing, "_SCRYPT_N", 16)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    secured = Secured(tmp_path)
    secured.open_door()
    yield secured
    secured.close()


@pytest.fixture
def code(secured: Secured) -> str:
    """An open code for kiosk-1."""
    with secured.office() as office:
        return office.open_code("kiosk-1")


# --- renewal ---------------------------------------------------------------------------------------------


@pytest.fixture
def link(secured: Secured) -> LinkSection:
    """The settings of an enrolled station."""
    return LinkSection.model_validate(secured.link(secured.enrol("kiosk-1")))


def old_and_new(link: LinkSection) -> tuple[identity.Identity, identity.Identity]:
    assert link.certificate is not None
    return identity.read(link.certificate), renew(link)


def test_a_renewed_certificate_is_for_a_new_key_and_the_same_name_and_lasts_longer(
    secured: Secured, link: LinkSection
) -> None:
    old = identity.read(link.certificate)  # type: ignore[arg-type]
    with secured.office(ahead=timedelta(days=340)) as office:
        key = new_key()
        request = identity.request_for(key, "kiosk-1")
        made = office.renew(
            pem(old.certificate),
            request.public_bytes(serialization.Encoding.PEM),
            old.key.sign(
                pairing.renewal_words(request.public_bytes(serialization.Encoding.DER)),
                ec.ECDSA(hashes.SHA256()),
            ),
        )
    new = x509.load_pem_x509_certificate(made)
    assert name_of(new) == "kiosk-1"
    assert public_bytes(new.public_key()) == public_bytes(key.public_key())
    assert timedelta(days=339) < new.not_valid_after_utc - old.ends < timedelta(days=341)


def later(secured: Secured, monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """The centre's clock goes on: every office its door opens from now on works at that time."""
    from central.identity import door

    real = door.Office
    monkeypatch.setattr(
        door,
        "Office",
        lambda folder, authority: real(folder, authority, lambda: utc_now() + timedelta(days=days)),
    )


def test_a_station_renews_over_the_network_and_its_file_is_replaced(
    secured: Secured, link: LinkSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(secured, monkeypatch, 340)
    old, new = old_and_new(link)
    kept = identity.read(link.certificate)  # type: ignore[arg-type]
    assert kept.certificate == new.certificate != old.certificate
    assert public_bytes(kept.key.public_key()) != public_bytes(old.key.public_key())
    assert stat.S_IMODE(link.certificate.stat().st_mode) == 0o600  # type: ignore[union-attr]
    assert not (link.certificate.parent / "renewal.key").exists()  # type: ignore[union-attr]


def test_a_certificate_that_has_ended_is_not_renewed(
    secured: Secured, link: LinkSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(secured, monkeypatch, 366)
    before = link.certificate.read_bytes()  # type: ignore[union-attr]
    with pytest.raises(SentAway, match="has ended"):
        renew(link)
    assert link.certificate.read_bytes() == before  # type: ignore[union-attr]


def test_a_revoked_certificate_is_not_renewed(secured: Secured, link: LinkSection) -> None:
    with secured.office() as office:
        office.revoke("kiosk-1")
    with pytest.raises(SentAway, match="has revoked"):
        renew(link)


def test_only_the_old_keys_owner_can_renew(secured: Secured, link: LinkSection) -> None:
    old = identity.read(link.certificate)  # type: ignore[arg-type]
    thief = new_key()
    request = identity.request_for(thief, "kiosk-1")
    words = pairing.renewal_words(request.public_bytes(serialization.Encoding.DER))
    with secured.office() as office:
        for signature in (thief.sign(words, ec.ECDSA(hashes.SHA256())), b"", b"x" * 70):
            with pytest.raises(TurnedAway) as away:
                office.renew(pem(old.certificate), request_of(thief), signature)
            assert away.value.reason is Reason.BAD_REQUEST


def test_a_certificate_the_centre_did_not_give_to_a_station_renews_nothing(
    secured: Secured, tmp_path: Path
) -> None:
    # Neither another authority's, nor one of the centre's own programs'.
    stranger = premises.found(tmp_path / "stranger", ["x"], utc_now())
    for authority, name in ((stranger, "kiosk-1"), (secured.authority, "gocdoc-ingest")):
        key = new_key()
        request = identity.request_for(key, name)
        words = pairing.renewal_words(request.public_bytes(serialization.Encoding.DER))
        current = pem(authority.login(name, key.public_key(), utc_now()))
        with secured.office() as office, pytest.raises(TurnedAway) as away:
            office.renew(
                current,
                request.public_bytes(serialization.Encoding.PEM),
                key.sign(words, ec.ECDSA(hashes.SHA256())),
            )
        assert away.value.reason is Reason.UNKNOWN


def test_one_station_cannot_fill_the_roll(secured: Secured, link: LinkSection) -> None:
    old = identity.read(link.certificate)  # type: ignore[arg-type]

    def one_more(key: ec.EllipticCurvePrivateKey) -> bytes:
        request = identity.request_for(key, "kiosk-1")
        words = pairing.renewal_words(request.public_bytes(serialization.Encoding.DER))
        with secured.office() as office:
            return office.renew(pem(old.certificate), request.public_bytes(serialization.Encoding.PEM),
                                old.key.sign(words, ec.ECDSA(hashes.SHA256())))  # fmt: skip

    same = new_key()
    for _ in range(MOST_LIVING + 2):
        one_more(same)  # an honest station that never gets its answer asks with one key
    for _ in range(MOST_LIVING - 2):
        one_more(new_key())
    with pytest.raises(TurnedAway) as away:
        one_more(new_key())
    assert away.value.reason is Reason.TOO_MANY


def test_revoking_takes_an_open_code_away_too(secured: Secured, tmp_path: Path) -> None:
    secured.enrol("kiosk-1")
    with secured.office() as office:
        code = office.open_code("kiosk-1", again=True)
        office.revoke("kiosk-1")
    with pytest.raises(SentAway, match="no open code"):
        enrol(tmp_path / "s", "kiosk-1", code, f"localhost:{secured.door_port}")


def test_revoking_a_station_nobody_knows_is_an_error(secured: Secured) -> None:
    with secured.office() as office, pytest.raises(IdentityTrouble, match="'kiosk-9' was never enrolled"):
        office.revoke("kiosk-9")


def test_the_door_goes_on_with_a_certificate_made_anew(
    secured: Secured, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = premises.certificate_file(secured.data, premises.SERVER).read_bytes()
    premises.rename(secured.data, secured.authority, ["localhost"], utc_now() - timedelta(days=350))
    secured._door.look()  # type: ignore[union-attr]
    assert premises.certificate_file(secured.data, premises.SERVER).read_bytes() != before
    enrol(tmp_path / "s", "kiosk-1", code, f"localhost:{secured.door_port}")


def test_errors_of_the_station_are_the_stations_errors() -> None:
    assert issubclass(SentAway, StationError)
