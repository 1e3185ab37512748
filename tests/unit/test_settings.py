"""A settings file with a mistake is refused in one sentence that names the place and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.settings import PolicySection, Settings, SettingsError, load, rescued
from kiosk.settings.explained import explained


def write(folder: Path, text: str) -> Path:
    path = folder / "station.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_a_whole_station(tmp_path: Path) -> None:
    settings = load(write(tmp_path, ""))
    assert settings.station.id == "kiosk-1"
    assert settings.station.data == (tmp_path / "var").resolve()


def test_every_setting_says_what_it_is_for() -> None:
    for section in Settings.model_fields.values():
        for name, field in section.annotation.model_fields.items():  # type: ignore[union-attr]
            assert field.description, name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[pad]\nsped_hz = 1", ["pad.sped_hz", "no such setting", "kiosk settings"]),
        ("[nonsense]\na = 1", ["nonsense", "no such setting"]),
        ("[pad]\ngain = 9", ["pad.gain", "7", "found '9'"]),
        ("[pad]\nspeed_hz = 'fast'", ["pad.speed_hz", "integer", "found 'fast'"]),
        ("[station]\nid = 'Bản Phố'", ["station.id", "a-z", "ban-pho-1"]),
        ("[door]\nouter_pin = 27", ["door.inner_pin and door.outer_pin", "GPIO27"]),
        ("[pad]\nirq_pin = 15", ["pad.irq_pin", "GPIO15", "UART"]),
        ("[lending]\nclosed_weekdays = [1,2,3,4,5,6,7]", ["closed_weekdays", "leave one open"]),
        ("[lending.default]\nmax_loans = -1", ["lending.default.max_loans"]),
        ("[pad\n", ["not valid TOML", "line 1"]),
        ("[link]\nport = 99999", ["link.port", "65535"]),
        ("[lending]\nclosed_days = ['2027-02-30']", ["closed_days.0"]),
        ("[pad]\ndriver = 'pn532'", ["pad", "needs 'port'", "kiosk devices"]),
        ("[pad]\ndriver = 'rfid9000'", ["pad.driver", "rdm6300", "found 'rfid9000'"]),
        ("[pad]\ngate = 'afi'", ["pad", "ISO 15693", "rc522"]),
        ("[pad]\n[pad.second]\n", ["pad and pad.second", "/dev/spidev0.0", "place of its own"]),
        ("[pad]\ndriver='feig'\nport='/dev/a'\n[pad.second]\ndriver='pn532'\nport='/dev/a'", ["/dev/a"]),
        ("[pad.second]\ndevice = 1\nirq_pin = 17", ["pad.second.irq_pin", "door.outer_pin", "GPIO17"]),
        ("[scanner]\nenabled = true", ["scanner", "needs 'port'"]),
        (
            "[pad]\ndriver='pn532'\nport='/dev/a'\n[scanner]\nenabled=true\nport='/dev/a'",
            ["pad.port and scanner.port", "/dev/a"],
        ),
        ("[pad]\nbaud = 5", ["pad.baud", "1200"]),
        (
            "[pad]\ndriver='keyboard'\n[scanner]\nenabled=true\nkind='keyboard'",
            ["pad.name and scanner.name", "its own name"],
        ),
        ("[buttons]\nhelp_pin = 5", ["buttons.help_pin", "lamp.green_pin", "GPIO5"]),
        ("[sounder]\nenabled = true\npin = 15", ["sounder.pin", "GPIO15", "UART"]),
        ("[door]\npresence_pin = 2", ["door.presence_pin", "GPIO2", "I2C1"]),
        ("[speaker]\nquiet_from = 11:30:00", ["speaker", "both quiet_from and quiet_until"]),
        ("[lamp]\nkind = 'rgb'\nrgb_pins = [12, 12, 13]", ["lamp.rgb_pins[1]", "GPIO12"]),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, words: list[str]) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as refused:
        load(path)
    message = str(refused.value)
    assert str(path) in message
    for word in words:
        assert word in message, message
    assert "pydantic" not in message
    assert len(message.splitlines()) == 1


def test_of_a_broken_file_the_panel_is_rescued(tmp_path: Path) -> None:
    broken = write(
        tmp_path, "[screen]\nfullscreen = true\n[station]\nlanguage = 'en'\n[pad]\ngain = 99\n[nonsense]\n"
    )
    kept = rescued(broken)
    assert (kept.screen.fullscreen, kept.station.language, kept.pad.gain) == (True, "en", 4)
    assert rescued(write(tmp_path, "[pad\n")) == Settings()
    assert rescued(tmp_path / "none") == Settings()
    assert not rescued(write(tmp_path, "[screen]\nfullscreen = true\nwidth = 1")).screen.fullscreen


def test_several_mistakes_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load(write(tmp_path, "[pad]\ngain = 9\nbus = -1\n[scren]\n"))
    assert len(str(refused.value).splitlines()) == 3


def test_a_missing_file_and_one_that_is_not_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read .*--settings"):
        load(tmp_path / "none.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="byte 1 is not UTF-8"):
        load(binary)


def test_weekdays_count_from_monday_as_one(tmp_path: Path) -> None:
    rules = load(write(tmp_path, "[lending]\nclosed_weekdays = [1]\nclosed_days = [2027-02-06]")).lending
    calendar = rules.to_rules().calendar
    assert calendar.closed_weekdays == {0}
    assert [day.isoformat() for day in calendar.closed_days] == ["2027-02-06"]


def test_the_printed_settings_are_a_file_with_the_same_settings(tmp_path: Path) -> None:
    mine = load(
        write(
            tmp_path,
            '[station]\nid = "a1"\nlibrary = "Thư viện \\"Nắng\\""\n[pad]\nreset_pin = 25\n[lending]\n'
            "closed_weekdays = [1]\nclosed_days = [2027-01-01]\n[lending.default]\nmax_loans = 5\n"
            '[lending.categories."mẫu giáo"]\nloan_days = 7\n[link]\nresend_s = 2.5\nca = "ca.crt"\n'
            '[pad.second]\ndriver = "feig"\nport = "/dev/serial/by-id/x"\ngate = "eas"\n'
            "[speaker]\nquiet_from = 11:30:00\nquiet_until = 13:30:00\n",
        )
    )
    printed = explained(mine)
    assert load(write(tmp_path, printed)) == mine
    assert "max_loans = 5  # books at home at the same time" in printed
    assert "# irq_pin =  # rc522: BCM pin of IRQ, if wired (not set)" in printed
    assert "null" not in printed
    assert "# [pad.second]  # a second reader, with the same keys (not set)" in explained(Settings())


def test_the_printed_settings_name_every_key_once() -> None:
    printed = explained(Settings())
    for section in Settings.model_fields.values():
        for name, field in section.annotation.model_fields.items():  # type: ignore[union-attr]
            assert (field.description or name) in printed or name == "default"
    for key in PolicySection.model_fields:
        assert printed.count(f"\n{key} = ") == 1


def test_relative_paths_are_taken_from_the_files_own_folder(tmp_path: Path) -> None:
    link = load(write(tmp_path, '[link]\npassword_file = "secret"\nca = "/etc/ca.pem"')).link
    assert link.password_file == (tmp_path / "secret").resolve()
    assert link.ca == Path("/etc/ca.pem")
    assert link.key is None
