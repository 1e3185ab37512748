"""A command that writes settings changes its own keys and not a letter more."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.settings import SettingsError, load
from kiosk.settings.edit import change_file, changed

AS_INSTALLED = """# Settings of this station.
[station]
id = "ban-pho-1"   # towards the centre

[pad]
driver = "rc522"          # on SPI0, chip select CE0
# reset_pin = 25          # when RST is wired

[door]
outer_pin = 17
"""


def test_a_key_gets_its_value_and_keeps_its_comment() -> None:
    text = changed(AS_INSTALLED, "pad", {"driver": "pn532"})
    assert 'driver = "pn532"          # on SPI0, chip select CE0' in text
    assert text == AS_INSTALLED.replace('"rc522"', '"pn532"')


def test_a_missing_key_is_put_into_its_table_in_order() -> None:
    text = changed(AS_INSTALLED, "pad", {"port": "/dev/x", "baud": 9600})
    assert tomllib.loads(text)["pad"] == {"driver": "rc522", "port": "/dev/x", "baud": 9600}
    assert text.index("port =") < text.index("baud =") < text.index("driver =")


def test_a_missing_table_is_put_at_the_end() -> None:
    text = changed(AS_INSTALLED, "pad.second", {"driver": "feig", "port": "/dev/y"})
    assert text.startswith(AS_INSTALLED)
    assert tomllib.loads(text)["pad"]["second"] == {"driver": "feig", "port": "/dev/y"}


def test_a_key_of_the_same_name_in_another_table_is_left_alone() -> None:
    text = changed("[door]\nenabled = true\n[scanner]\nenabled = false\n", "scanner", {"enabled": True})
    assert tomllib.loads(text) == {"door": {"enabled": True}, "scanner": {"enabled": True}}


FEIG = """[pad]
driver = "feig"
port = "/dev/old"
baud = 9600     # as the last librarian set it
  parity = "N"
# parity = "O"
baudy = 1

[scanner]
baud = 19200
"""


def test_a_key_that_must_go_is_taken_out_of_its_table_with_its_line() -> None:
    text = changed(FEIG, "pad", {"driver": "pn532", "port": "/dev/new"}, without={"baud", "parity", "gate"})
    assert tomllib.loads(text) == {
        "pad": {"driver": "pn532", "port": "/dev/new", "baudy": 1},
        "scanner": {"baud": 19200},
    }
    assert '# parity = "O"\n' in text
    assert "last librarian" not in text


def test_a_file_says_which_keys_went_and_stays_whole_when_the_rest_is_of_no_use(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(FEIG.replace("baudy = 1\n", ""))
    with pytest.raises(SettingsError, match="left as it was"):
        change_file(path, "pad", {"gain": 99}, without={"baud"})
    assert "baud = 9600" in path.read_text()
    assert change_file(path, "pad", {"driver": "rc522"}, without={"baud", "gate", "parity"}) == (
        "baud",
        "parity",
    )
    assert load(path).pad.baud is None


def test_nothing_is_taken_out_of_a_table_that_is_not_there() -> None:
    assert changed("[door]\nbaud = 1\n", "pad", {"gain": 3}, without={"baud"}).startswith(
        "[door]\nbaud = 1\n"
    )


@given(
    st.lists(st.sampled_from(["[pad]", "[door]", "# a note", "", "id = 1", 'driver = "a#b" # c'])),
    st.dictionaries(
        st.sampled_from(["driver", "port", "baud"]), st.text(max_size=30) | st.integers(), min_size=1
    ),
)
def test_every_other_value_of_a_valid_file_stays(lines: list[str], values: dict[str, str | int]) -> None:
    text = "\n".join(lines)
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    after = tomllib.loads(changed(text, "scanner", values))
    assert after.pop("scanner") == values
    assert after == before
    again = tomllib.loads(changed(text, "pad", values))
    assert again["pad"] == before.get("pad", {}) | values
    assert {key: value for key, value in again.items() if key != "pad"} == {
        key: value for key, value in before.items() if key != "pad"
    }
    less = tomllib.loads(changed(text, "pad", values, without={"id"}))
    assert less.pop("pad") == {k: v for k, v in before.get("pad", {}).items() if k != "id"} | values
    assert less == {key: value for key, value in before.items() if key != "pad"}


def test_a_change_that_could_not_be_used_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(AS_INSTALLED)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match=r"left as it was: .*pad.gain"):
        change_file(path, "pad", {"gain": 99})
    assert path.read_text() == AS_INSTALLED
    change_file(path, "pad", {"gain": 5})
    assert load(path).pad.gain == 5
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["station.toml"]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be changed"):
        change_file(tmp_path / "no" / "station.toml", "pad", {"gain": 5})
