"""Enrolment end to end, over real TLS: what a code does, and what it does not."""

from __future__ import annotations

import base64
import logging
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from typer.testing import CliRunner, Result

from central.errors import IdentityTrouble
from central.identity.authority import new_key, pem, public_bytes
from central.identity.office import Reason, TurnedAway
from kiosk import pairing
from kiosk.__main__ import app as kiosk_app
from kiosk.link import identity
from kiosk.link.centre_door import TurnedAway as SentAway
from kiosk.link.enrolment import enrol
from kiosk.link.identity import IdentityError
from kiosk.settings import load
from tests.central.enrolling import ask, request_of, secret_of
from tests.central.secured import Secured, days_from_now


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


# --- from code to certificate ----------------------------------------------------------------------


@pytest.fixture
def station(tmp_path: Path, secured: Secured) -> Callable[..., Result]:
    """`kiosk enrol` at a station whose settings a person has written."""
    file = tmp_path / "station.toml"
    file.write_text(
        f'# ours\n[station]\nid = "kiosk-1"\ndata = "{tmp_path}/data"\n\n[link]\n# the broker\n'
        f'host = "old"\nport = 1883   # plain\nusername = "kiosk-1"\npassword_file = "{tmp_path}/pw"\n'
    )

    def run(*words: str, stdin: str | None = None) -> Result:
        centre = f"localhost:{secured.door_port}"
        return CliRunner().invoke(
            kiosk_app, ["enrol", "--settings", str(file), "--centre", centre, *words], input=stdin
        )

    return run


def test_two_commands_and_a_code_of_ten_characters_make_a_station_known(
    secured: Secured, station: Callable[..., Result], tmp_path: Path
) -> None:
    said = secured.command("enrol", "kiosk-1", "--port", str(secured.door_port))
    assert said.exit_code == 0, said.output
    assert f"sudo kiosk enrol --centre localhost:{secured.door_port}" in said.output
    code = said.output.split("when it asks:")[1].split()[0]
    assert len(code.replace("-", "")) == 10
    run = station(stdin=f"{code.lower()}\n")
    assert run.exit_code == 0, run.output
    assert code not in run.output
    link = load(tmp_path / "station.toml").link
    assert (link.host, link.port, link.centre) == (
        "localhost",
        secured.port,
        f"localhost:{secured.door_port}",
    )
    assert (link.username, link.password_file, link.key) == ("", None, None)
    assert "# ours" in (tmp_path / "station.toml").read_text()
    assert link.certificate is not None
    assert link.ca is not None
    assert stat.S_IMODE(link.certificate.stat().st_mode) == 0o600
    assert stat.S_IMODE(link.certificate.parent.stat().st_mode) == 0o700
    mine = identity.read(link.certificate)
    assert mine.name == "kiosk-1"
    assert 364 <= days_from_now(mine.ends) <= 365
    mine.certificate.verify_directly_issued_by(secured.authority.certificate)
    assert link.ca.read_bytes() == pem(secured.authority.certificate)
    assert sorted(file.name for file in link.certificate.parent.iterdir()) == ["centre.crt", "station.pem"]
    assert "kiosk-1 " in secured.command("ca", "show").output
    assert "364 days" in secured.command("ca", "show").output


def test_the_key_never_leaves_the_station(secured: Secured) -> None:
    enrolled = secured.enrol("kiosk-1")
    key = identity.private_pem(identity.read(enrolled.certificate).key)
    for file in secured.identity.rglob("*"):
        if file.is_file():
            assert key not in file.read_bytes(), file


def test_a_station_that_is_enrolled_is_not_enrolled_again_by_mistake(
    secured: Secured, station: Callable[..., Result], tmp_path: Path
) -> None:
    def fresh(*words: str) -> str:
        said = secured.command("enrol", "kiosk-1", *words)
        return said.output.split("when it asks:")[1].split()[0] if said.exit_code == 0 else said.stderr

    station(stdin=f"{fresh()}\n")
    before = (tmp_path / "data/identity/station.pem").read_bytes()
    run = station(stdin="0000000000\n")
    assert isinstance(run.exception, IdentityError)
    assert "is enrolled as kiosk-1 until" in str(run.exception)
    assert "--again" in str(run.exception)
    assert "--again" in fresh(), "and the centre gives no code by mistake either"
    assert (tmp_path / "data/identity/station.pem").read_bytes() == before
    run = station("--again", stdin=f"{fresh('--again')}\n")
    assert run.exit_code == 0, run.exception
    assert (tmp_path / "data/identity/station.pem").read_bytes() != before


def test_enrolling_again_shuts_the_old_identity_out(secured: Secured) -> None:
    old = identity.read(secured.enrol("kiosk-1").certificate).certificate
    new = identity.read(secured.enrol("kiosk-1", again=True).certificate).certificate
    listed = x509.load_pem_x509_crl((secured.identity / "crl.pem").read_bytes())
    assert [one.serial_number for one in listed] == [old.serial_number]
    assert listed.get_revoked_certificate_by_serial_number(new.serial_number) is None


def test_a_hundred_enrolments_many_at_once_give_a_hundred_different_keys(secured: Secured) -> None:
    names = [f"kiosk-{number}" for number in range(100)]
    with ThreadPoolExecutor(8) as threads:
        mine = [identity.read(one.certificate) for one in threads.map(secured.enrol, names)]
    assert [one.name for one in mine] == names
    assert len({public_bytes(one.key.public_key()) for one in mine}) == 100
    assert len({one.certificate.serial_number for one in mine}) == 100


def test_an_answer_that_was_lost_is_given_again_to_the_same_key_only(secured: Secured, code: str) -> None:
    key, secret = new_key(), secret_of(secured, code)
    with secured.office() as office:
        first = office.enrol("kiosk-1", secret, request_of(key))
        assert office.enrol("kiosk-1", secret, request_of(key)) == first
        with pytest.raises(TurnedAway) as away:
            office.enrol("kiosk-1", secret, request_of(new_key()))
        assert away.value.reason is Reason.USED
        assert len([one for one in office.stations() if one.name == "kiosk-1"]) == 1


def test_a_station_asks_again_with_the_key_it_asked_with_when_the_answer_got_lost(
    secured: Secured, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = f"localhost:{secured.door_port}"
    with monkeypatch.context() as patched:
        patched.setattr(identity, "certified", lambda *_: (_ for _ in ()).throw(IdentityError("power cut")))
        with pytest.raises(IdentityError, match="power cut"):
            enrol(tmp_path / "s", "kiosk-1", code, centre)
    enrol(tmp_path / "s", "kiosk-1", code, centre)
    assert identity.read(tmp_path / "s/identity/station.pem").name == "kiosk-1"


# --- the code ----------------------------------------------------------------------------------------


def test_a_code_used_twice_is_refused(secured: Secured, code: str, tmp_path: Path) -> None:
    centre = f"localhost:{secured.door_port}"
    enrol(tmp_path / "a", "kiosk-1", code, centre)
    with pytest.raises(SentAway, match="was used already"):
        enrol(tmp_path / "b", "kiosk-1", code, centre)
    assert not (tmp_path / "b/identity/station.pem").exists()


def test_five_wrong_secrets_lock_the_code_for_the_right_one_too(secured: Secured, code: str) -> None:
    right = secret_of(secured, code)
    reasons = []
    for guess in range(5):
        asked = {
            "station": "kiosk-1",
            "secret": base64.b64encode(bytes([guess]) * 32).decode(),
            "request": request_of(new_key()).decode(),
        }
        reasons.append(ask(secured, "/enrol", asked)[1]["refused"])
    assert reasons == ["wrong-code"] * 4 + ["locked"]
    with secured.office() as office:
        with pytest.raises(TurnedAway) as away:
            office.enrol("kiosk-1", right, request_of(new_key()))
        assert away.value.reason is Reason.LOCKED
        fresh = office.open_code("kiosk-1")
    with secured.office() as office:
        office.enrol("kiosk-1", secret_of(secured, fresh), request_of(new_key()))


def test_a_mistyped_code_costs_no_try_for_nothing_of_it_reaches_the_centre(
    secured: Secured, code: str, tmp_path: Path
) -> None:
    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    for _ in range(6):
        with pytest.raises(IdentityError, match="the code does not fit what answers at localhost"):
            enrol(tmp_path / "s", "kiosk-1", wrong, f"localhost:{secured.door_port}")
    enrol(tmp_path / "s", "kiosk-1", code, f"localhost:{secured.door_port}")


def test_after_fifteen_minutes_a_code_is_worth_nothing(secured: Secured, code: str) -> None:
    secret = secret_of(secured, code)
    with secured.office(ahead=timedelta(minutes=15)) as office:
        for act in (
            lambda: office.enrol("kiosk-1", secret, request_of(new_key())),
            lambda: office.greet("kiosk-1", b"n" * 16, b""),
        ):
            with pytest.raises(TurnedAway) as away:
                act()
            assert away.value.reason is Reason.NO_CODE
    with secured.office(ahead=timedelta(minutes=14)) as office:
        office.enrol("kiosk-1", secret, request_of(new_key()))


def test_a_new_code_makes_the_one_before_worthless(secured: Secured, code: str, tmp_path: Path) -> None:
    with secured.office() as office:
        office.open_code("kiosk-1")
    with pytest.raises(IdentityError, match="the code does not fit"):
        enrol(tmp_path / "s", "kiosk-1", code, f"localhost:{secured.door_port}")


def test_a_code_lets_in_only_the_station_it_was_made_for(secured: Secured, code: str, tmp_path: Path) -> None:
    with pytest.raises(SentAway, match="no open code for kiosk-2"):
        enrol(tmp_path / "s", "kiosk-2", code, f"localhost:{secured.door_port}")


def test_the_centre_keeps_neither_the_code_nor_the_stations_secret(secured: Secured, code: str) -> None:
    secret = secret_of(secured, code)
    kept = b"".join(file.read_bytes() for file in secured.identity.rglob("*") if file.is_file())
    assert code.encode() not in kept
    assert pairing.shown(code).encode() not in kept
    assert secret not in kept


def test_no_secret_is_in_a_log_or_in_an_error(
    secured: Secured, code: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        wrong = ("0" if code[0] != "0" else "1") + code[1:]
        with pytest.raises(IdentityError) as mistake:
            enrol(tmp_path / "s", "kiosk-1", wrong, f"localhost:{secured.door_port}")
        made = enrol(tmp_path / "s", "kiosk-1", code, f"localhost:{secured.door_port}")
        said = caplog.text + str(mistake.value) + repr(made) + repr(identity.read(made.certificate))
    assert "kiosk-1 is enrolled" in said
    for secret in (code, pairing.shown(code), wrong, base64.b64encode(secret_of(secured, code)).decode()):
        assert secret not in said


@pytest.mark.parametrize("name", ["all", "srv", "gocdoc-ingest", "a/b", "+", "#", "", "A", "x" * 41, "a\n"])
def test_no_code_is_made_for_a_name_that_would_be_somebody_elses(secured: Secured, name: str) -> None:
    with secured.office() as office, pytest.raises(IdentityTrouble, match="cannot be a station's name"):
        office.open_code(name)
