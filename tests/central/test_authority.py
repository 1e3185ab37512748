"""The authority: what it signs, what it refuses to be, and how it keeps its key."""

from __future__ import annotations

import os
import ssl
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from typer.testing import CliRunner

from central.__main__ import app
from central.errors import IdentityTrouble
from central.identity import premises
from central.identity.authority import (
    LOGIN_DAYS,
    Authority,
    Revoked,
    name_of,
    new_key,
    pem,
    private_pem,
    public_bytes,
    utc_now,
    write,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return premises.found(tmp_path, ["thu-vien.local"], utc_now())


def test_its_key_is_p256_and_open_to_its_owner_alone(authority: Authority, tmp_path: Path) -> None:
    folder = premises.folder_of(tmp_path)
    assert mode(folder) == 0o700
    for secret in ("ca.key", "server.pem", *(f"{login}.pem" for login in premises.OWN_LOGINS), "roll.db"):
        assert mode(folder / secret) == 0o600, secret
    key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(key.curve, ec.SECP256R1)


def test_a_login_names_one_who_may_log_in_and_nothing_more_for_one_year(authority: Authority) -> None:
    now = utc_now()
    certificate = authority.login("ban-pho-1", new_key().public_key(), now)
    assert name_of(certificate) == "ban-pho-1"
    assert timedelta(days=LOGIN_DAYS) - timedelta(seconds=2) <= certificate.not_valid_after_utc - now
    assert certificate.not_valid_after_utc - now <= timedelta(days=365)
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca


def test_openssl_accepts_its_certificates_and_refuses_what_is_on_its_list(
    authority: Authority, tmp_path: Path
) -> None:
    good, bad = (authority.login(name, new_key().public_key(), utc_now()) for name in ("good", "bad"))
    write(tmp_path / "good.crt", pem(good), 0o644)
    write(tmp_path / "bad.crt", pem(bad), 0o644)
    write(
        tmp_path / "crl", authority.revocation_list([Revoked(bad.serial_number, utc_now())], utc_now()), 0o644
    )

    def verify(name: str, *more: str, purpose: str = "sslclient") -> subprocess.CompletedProcess[str]:
        # -x509_strict is what Python asks for from 3.13 on.
        words = ("-x509_strict", "-purpose", purpose, "-CAfile", str(authority.file))
        return subprocess.run(
            ["openssl", "verify", *words, *more, str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=False,
        )

    listed = ("-crl_check", "-CRLfile", str(tmp_path / "crl"))
    assert verify("good.crt", *listed).returncode == 0
    assert "certificate revoked" in verify("bad.crt", *listed).stderr
    assert verify("bad.crt").returncode == 0, "only the list makes it bad"
    write(tmp_path / "server.crt", pem(authority.server(["x"], new_key().public_key(), utc_now())), 0o644)
    assert "purpose" in verify("server.crt").stderr, "a server's certificate is no login"
    assert verify("server.crt", purpose="sslserver").returncode == 0
    assert "purpose" in verify("good.crt", purpose="sslserver").stderr, "nor a login a server's"


def test_its_list_does_not_run_out_before_the_authority_does(authority: Authority) -> None:
    # TLS libraries let nobody in with a list that has run out.
    listed = x509.load_pem_x509_crl(authority.revocation_list([], utc_now()))
    assert listed.next_update_utc == authority.certificate.not_valid_after_utc


def test_a_key_with_a_pass_phrase_opens_with_it_only(tmp_path: Path) -> None:
    premises.found(tmp_path, ["centre"], utc_now(), b"mot hai ba")
    folder = premises.folder_of(tmp_path)
    Authority(folder, b"mot hai ba")
    with pytest.raises(IdentityTrouble, match="wants a pass phrase; give it with --passphrase-file"):
        Authority(folder)
    with pytest.raises(IdentityTrouble, match="check the pass phrase"):
        Authority(folder, b"bon nam")


def test_a_pass_phrase_for_a_key_without_one_is_told(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(IdentityTrouble, match="has no pass phrase; leave --passphrase-file out"):
        Authority(premises.folder_of(tmp_path), b"x")


def test_a_second_authority_never_replaces_the_first(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(IdentityTrouble, match="holds an authority already"):
        premises.found(tmp_path, ["x"], utc_now())
    assert Authority(premises.folder_of(tmp_path)).fingerprint == authority.fingerprint


def test_a_key_that_is_not_the_certificates_is_refused(authority: Authority, tmp_path: Path) -> None:
    write(premises.folder_of(tmp_path) / "ca.key", private_pem(new_key()), 0o600)
    with pytest.raises(IdentityTrouble, match="do not belong together"):
        Authority(premises.folder_of(tmp_path))


@pytest.mark.parametrize("broken", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END"])
def test_a_broken_key_file_is_named_with_a_remedy(
    authority: Authority, tmp_path: Path, broken: bytes
) -> None:
    (premises.folder_of(tmp_path) / "ca.key").write_bytes(broken)
    with pytest.raises(IdentityTrouble, match=r"ca\.key .*restore the folder from a backup"):
        Authority(premises.folder_of(tmp_path))


def test_without_an_authority_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(IdentityTrouble, match="'central ca init' makes the authority"):
        Authority(tmp_path)


def test_what_ends_within_a_month_is_made_anew_with_the_same_names(
    authority: Authority, tmp_path: Path
) -> None:
    names = premises.server_names(tmp_path)
    before = premises.certificate_file(tmp_path, premises.SERVER).read_bytes()
    assert premises.keep_fresh(tmp_path, authority, utc_now()) == []
    assert premises.keep_fresh(tmp_path, authority, utc_now() + timedelta(days=334)) == []
    made = premises.keep_fresh(tmp_path, authority, utc_now() + timedelta(days=336))
    assert made == ["server", *premises.OWN_LOGINS]
    assert premises.certificate_file(tmp_path, premises.SERVER).read_bytes() != before
    assert premises.server_names(tmp_path) == names == ["thu-vien.local", "localhost", "127.0.0.1"]


def test_a_list_that_was_lost_is_written_again_with_all_that_is_on_it(
    authority: Authority, tmp_path: Path
) -> None:
    folder = premises.folder_of(tmp_path)
    (folder / "crl.pem").unlink()
    assert premises.keep_fresh(tmp_path, authority, utc_now()) == ["crl.pem"]
    assert x509.load_pem_x509_crl((folder / "crl.pem").read_bytes()).is_signature_valid(
        authority.certificate.public_key()  # type: ignore[arg-type]
    )


def test_the_files_load_into_a_tls_library_as_they_are(authority: Authority, tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=str(authority.file))
    for name in (premises.SERVER, *premises.OWN_LOGINS):
        context.load_cert_chain(premises.certificate_file(tmp_path, name))


@pytest.mark.parametrize("name", ["", "a b", "x/y", "thư-viện", "a\nb"])
def test_what_is_no_machines_name_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(IdentityTrouble, match="is no name or address of a machine"):
        premises.found(tmp_path, [name], utc_now())
    assert not premises.folder_of(tmp_path).exists()


def test_a_file_is_never_open_to_others_not_even_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = os.fsync

    def look(handle: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(os, "fsync", look)
    before = os.umask(0)
    try:
        write(tmp_path / "secret", b"x", 0o600)
    finally:
        os.umask(before)
    assert seen == [0o600]
    assert list(tmp_path.iterdir()) == [tmp_path / "secret"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(IdentityTrouble, match=r"none/secret cannot be written"):
        write(tmp_path / "none" / "secret", b"x", 0o600)


def test_the_commands_make_it_show_it_and_rename_its_servers(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    run = CliRunner().invoke(app, ["ca", "init", "--name", "thu-vien.local", *data])
    assert run.exit_code == 0, run.output
    fingerprint = Authority(premises.folder_of(tmp_path)).fingerprint
    assert fingerprint in run.output
    run = CliRunner().invoke(app, ["ca", "rename", "--name", "10.0.0.2", *data])
    assert "10.0.0.2, localhost, 127.0.0.1" in run.output
    run = CliRunner().invoke(app, ["ca", "show", *data])
    assert fingerprint in run.output
    assert "10.0.0.2" in run.output
    run = CliRunner().invoke(app, ["ca", "init", *data])
    assert run.exit_code == 1
    assert "holds an authority already" in run.stderr


def test_another_ingest_gets_a_login_of_its_own_and_nobody_gets_a_stations(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    CliRunner().invoke(app, ["ca", "init", "--name", "c.local", *data])
    into = tmp_path / "for-the-other"
    run = CliRunner().invoke(app, ["ca", "login", "gocdoc-ingest-2", "--into", str(into), *data])
    assert run.exit_code == 0, run.output
    certificate = x509.load_pem_x509_certificate((into / "gocdoc-ingest-2.pem").read_bytes())
    assert name_of(certificate) == "gocdoc-ingest-2"
    assert mode(into / "gocdoc-ingest-2.pem") == 0o600
    for name in ("ban-pho-1", "gocdoc-ingest", "gocdoc-../x"):
        run = CliRunner().invoke(app, ["ca", "login", name, "--into", str(into), *data])
        assert run.exit_code == 1
        assert "cannot be a login of the centre" in run.stderr


def test_the_commands_ask_for_the_pass_phrase_or_read_it_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "words"
    file.write_text("mot hai ba\n")
    data = ["--data", str(tmp_path)]
    run = CliRunner().invoke(app, ["ca", "init", "--name", "c", "--passphrase-file", str(file), *data])
    assert run.exit_code == 0, run.output
    assert b"ENCRYPTED" in (premises.folder_of(tmp_path) / "ca.key").read_bytes()
    asked = CliRunner().invoke(app, ["ca", "show", *data], input="mot hai ba\n")
    assert asked.exit_code == 0, asked.output
    assert "mot hai ba" not in asked.output
    wrong = CliRunner().invoke(app, ["ca", "show", *data], input="bon\n")
    assert wrong.exit_code == 1
    assert "check the pass phrase" in wrong.stderr
    file.write_text("\n")
    empty = CliRunner().invoke(app, ["ca", "show", "--passphrase-file", str(file), *data])
    assert "is empty" in empty.stderr


def test_keys_differ(authority: Authority) -> None:
    assert len({public_bytes(new_key().public_key()) for _ in range(100)}) == 100
