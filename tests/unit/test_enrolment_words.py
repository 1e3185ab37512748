"""What a person types at enrolment, what the station's identity says of itself, and when it renews."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kiosk import pairing
from kiosk.__main__ import app
from kiosk.link import enrolment, identity
from kiosk.link.centre_door import address_of
from kiosk.link.enrolment import LOOK_S, WORRY_DAYS, Renewal, refuse_living
from kiosk.link.identity import Identity, IdentityError
from kiosk.settings import LinkSection

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def made(days: float, name: str = "kiosk-1") -> Identity:
    """An identity that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return Identity(key, certificate)


# --- the code ----------------------------------------------------------------------------------------


def test_a_code_has_fifty_bits_and_no_two_are_alike() -> None:
    assert len(set(pairing.ALPHABET)) == 32
    codes = {pairing.new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {10}
    assert set("".join(codes)) == set(pairing.ALPHABET)


@given(st.text(alphabet=pairing.ALPHABET, min_size=10, max_size=10), st.randoms(use_true_random=False))
def test_a_code_is_understood_however_it_is_typed(code: str, chance) -> None:
    looks = {"0": "0Oo", "1": "1IiLl"}
    text = "".join(
        chance.choice(looks.get(letter, letter + letter.lower())) + chance.choice(["", "", "-", " "])
        for letter in code
    )
    assert pairing.typed(f" {text}\n") == code
    assert pairing.typed(pairing.shown(code)) == code


@given(st.text(max_size=30))
def test_what_is_typed_becomes_a_code_or_is_refused_in_words(text: str) -> None:
    try:
        code = pairing.typed(text)
    except pairing.CodeError as error:
        assert str(error).startswith("a code has")  # noqa: PT017 (either outcome is right)
    else:
        assert len(code) == 10
        assert set(code) <= set(pairing.ALPHABET)


@pytest.mark.parametrize("typed", ["7K3QM-9XT2", "7K3QM-9XT2U", "7K3QM-9XT2PP"])
def test_a_refusal_does_not_repeat_most_of_a_secret(typed: str) -> None:
    with pytest.raises(pairing.CodeError) as refusal:
        pairing.typed(typed)
    assert typed not in str(refusal.value)


def test_the_same_code_for_another_station_or_salt_makes_other_keys() -> None:
    one = pairing.shares("0123456789", b"salt", "kiosk-1")
    others = [
        pairing.shares("0123456789", b"salt", "kiosk-2"),
        pairing.shares("0123456789", b"tlas", "kiosk-1"),
        pairing.shares("0123456788", b"salt", "kiosk-1"),
    ]
    every = [key for shares in (one, *others) for key in (shares.centre_key, shares.secret)]
    assert len(set(every)) == 8
    assert one == pairing.shares("0123456789", b"salt", "kiosk-1")


def test_a_guess_costs_32_mib_and_time() -> None:
    assert 128 * pairing._SCRYPT_R * pairing._SCRYPT_N == 32 * 2**20  # RFC 7914, section 5


def test_secrets_do_not_show_in_a_traceback() -> None:
    assert "secret" not in repr(pairing.shares("0123456789", b"", "k"))
    assert "key" not in repr(made(1)).replace("kiosk", "")


# --- the command ---------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "station.toml"
    file.write_text(f'[station]\nid = "kiosk-1"\ndata = "{tmp_path}/data"\n')
    return file


@pytest.mark.parametrize("typed", ["", "12345", "0123456789A", "0123-4567-8U"])
def test_a_mistyped_code_is_told_before_anybody_is_asked(settings: Path, typed: str) -> None:
    before = settings.read_text()
    run = CliRunner().invoke(
        app, ["enrol", "--centre", "localhost:1", "--settings", str(settings)], input=f"{typed}\n"
    )
    assert isinstance(run.exception, IdentityError)
    assert "a code has" in str(run.exception)
    assert settings.read_text() == before


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("thu-vien.local", ("thu-vien.local", 8443)),
        ("10.0.0.2:9000", ("10.0.0.2", 9000)),
        ("[fd00::2]:9000", ("fd00::2", 9000)),
        ("[fd00::2]", ("fd00::2", 8443)),
        ("fd00::2", ("fd00::2", 8443)),
    ],
)
def test_a_centre_is_named_with_or_without_its_port(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", ":8443", "a b", "https://x", "x:0", "x:65536", "x:port", "x:²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(IdentityError, match=r"is no address of a centre|the port must be a number"):
        address_of(text)


# --- the identity ----------------------------------------------------------------------------------------


def test_an_identity_is_kept_in_one_file_that_nobody_else_reads(tmp_path: Path) -> None:
    path = tmp_path / "identity" / "station.pem"
    one = made(100)
    one.keep(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert identity.read(path).certificate == one.certificate
    made(200).keep(path)
    assert [file.name for file in path.parent.iterdir()] == ["station.pem"]


@pytest.mark.parametrize(
    ("days", "good", "words"),
    [
        (364.5, True, "is good for 364 days, until 2027-11-24"),
        (30.5, True, "good for 30 days"),
        (29.5, False, "has 29 days left and should have been renewed by itself"),
        (-0.5, False, "ended on 2026-11-24; if the clock is right, ask the centre for a code"),
    ],
)
def test_the_doctor_can_tell_how_long_it_is_good(tmp_path: Path, days: float, good: bool, words: str) -> None:
    made(days).keep(tmp_path / "pem")
    said, told = identity.told(tmp_path / "pem", NOW)
    assert said is good
    assert words in told


def test_a_missing_a_broken_and_a_mixed_up_identity_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "station.pem"
    assert identity.told(path, NOW) == (
        False,
        f"{path} cannot be read (No such file or directory); 'sudo kiosk enrol' makes it",
    )
    path.write_text("half a file")
    assert "is broken" in identity.told(path, NOW)[1]
    Identity(made(1).key, made(1).certificate).keep(path)
    assert "do not belong together" in identity.told(path, NOW)[1]


def test_a_power_cut_while_it_is_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "station.pem"
    old = made(10)
    old.keep(path)

    def cut(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(IdentityError, match=r"station\.pem cannot be written \(Input/output error\)"):
        made(300).keep(path)
    monkeypatch.undo()
    assert identity.read(path).certificate == old.certificate
    made(300).keep(path)


def test_only_a_living_identity_must_be_replaced_on_purpose(tmp_path: Path) -> None:
    path = tmp_path / "identity" / "station.pem"
    refuse_living(tmp_path, NOW)
    made(-1).keep(path)
    refuse_living(tmp_path, NOW)
    path.write_text("broken")
    refuse_living(tmp_path, NOW)
    made(1).keep(path)
    with pytest.raises(IdentityError, match=r"is enrolled as kiosk-1 until 2026-11-25.*--again"):
        refuse_living(tmp_path, NOW)


def test_half_a_pending_key_is_replaced_and_a_whole_one_is_used_again(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.key"
    path.write_text("-----BEGIN PRIVATE KEY-----\nMIG")
    first = identity.pending_key(path)
    assert identity.pending_key(path).private_numbers() == first.private_numbers()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- when it renews ----------------------------------------------------------------------------------------


class Renewals:
    """Counts how often the centre was asked."""

    def __init__(self, error: str = "") -> None:
        self.asked = 0
        self._error = error

    def __call__(self, _link: LinkSection) -> Identity:
        self.asked += 1
        if self._error:
            raise IdentityError(self._error)
        return made(365)


def renewal(tmp_path: Path, days: float, *, centre: str = "centre:8443") -> Renewal:
    path = tmp_path / "station.pem"
    made(days).keep(path)
    link = LinkSection.model_validate({"ca": tmp_path / "ca", "certificate": path, "centre": centre})
    return Renewal(link, 0.0, lambda: NOW)


def looks(one: Renewal, hours: float) -> list[str]:
    """What is told over so many hours of a virtual clock, looking every minute."""
    return [words for minute in range(int(hours * 60)) if (words := one.look(60.0 * minute))]


def test_nothing_is_asked_before_the_last_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Renewals()
    monkeypatch.setattr(enrolment, "renew", asked)
    assert looks(renewal(tmp_path, 30.5), 48) == []
    assert asked.asked == 0


def test_in_the_last_month_it_asks_about_once_an_hour_until_it_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Renewals("the centre is away")
    monkeypatch.setattr(enrolment, "renew", asked)
    assert looks(renewal(tmp_path, 29.5), 24) == [], "nobody is troubled yet"
    assert 24 * 3600 / (1.5 * LOOK_S) <= asked.asked <= 24 * 3600 / (0.5 * LOOK_S) + 1


def test_in_the_last_week_staff_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "renew", Renewals("the centre is away"))
    said = looks(renewal(tmp_path, WORRY_DAYS - 0.5), 3)
    assert said
    assert set(said) == {"this station's certificate ends in 6 days: the centre is away"}


def test_a_fleet_that_comes_back_at_once_does_not_ask_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[int] = []
    for _ in range(60):
        asked = Renewals()
        monkeypatch.setattr(enrolment, "renew", asked)
        one = renewal(tmp_path, 10)
        second = 0
        while not asked.asked:
            second += 1
            one.look(float(second))
        first.append(second)
    assert max(first) <= enrolment.FIRST_LOOK_S + 1
    assert max(sum(at <= second < at + 30 for second in first) for at in range(0, 300, 30)) < 25


def test_a_station_without_a_centre_to_ask_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Renewals()
    monkeypatch.setattr(enrolment, "renew", asked)
    assert looks(renewal(tmp_path, 1, centre=""), 24) == []
    assert asked.asked == 0
