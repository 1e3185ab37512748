import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_config import block
from firmware_config.compose import Firmware, compose
from firmware_config.errors import FirmwareError
from tests.deploy.boot_files import FRESH_CMDLINE, FRESH_CONFIG

PI4 = compose("pi4", "official-7", "rc522-spi0")
PI5 = compose("pi5", "hdmi-1024x600", "rc522-spi0")

# Lines people have in config.txt, harmless to the station, and lines of no sense at all.
HARMLESS = st.sampled_from(
    ["[all]", "[pi4]", "[pi5]", "[none]", "[cm5]", "[EDID=DEL-X]", "[gpio4=1]", "[0x1234]", "", "# a note",
     "dtparam=audio=on", "dtparam=i2c_arm=on", "dtoverlay=vc4-kms-v3d", "display_auto_detect=1", "gpu_mem=64",
     "max_framebuffers=2", "dtoverlay=i2c-rtc,ds3231", "dtoverlay=", "include more.txt", "enable_uart=1"]
)  # fmt: skip
NONSENSE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=30).filter(
    lambda line: "gocdoc" not in line and "=" not in line
)
OWNERS = st.lists(HARMLESS | NONSENSE, max_size=25).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: "".join(line + end for line in lines))
)


@given(OWNERS, st.sampled_from([PI4, PI5]))
def test_writing_twice_is_writing_once(owners: str, firmware: Firmware) -> None:
    once = firmware.merge_config(owners)
    assert firmware.merge_config(once) == once


@given(OWNERS, OWNERS)
def test_everything_outside_the_block_stays_as_it_was_through_any_change_of_panel(
    before: str, after: str
) -> None:
    text = before
    for firmware in (PI4, PI5, PI4):
        text = firmware.merge_config(text)
        parts = block.split(text)
        text = parts.before + parts.block + (parts.after or after)
        assert (block.split(text).before, block.split(text).after) == (before, after)


@given(OWNERS)
def test_what_was_written_is_found_in_order(owners: str) -> None:
    assert PI4.findings(PI4.merge_config(owners), PI4.merge_cmdline(FRESH_CMDLINE)) == []


@given(OWNERS)
def test_no_setting_counts_twice_on_a_board(owners: str) -> None:
    ours = [line for line in block.split(PI4.merge_config(owners)).block.splitlines() if line[:1] not in "#["]
    always = owners.partition("[")[0].replace("\r", "").split("\n")
    assert not set(ours) & set(always) - {"dtoverlay=", ""}


def test_the_block_is_not_caught_in_the_last_section() -> None:
    text = PI4.merge_config("[cm5]\ndtoverlay=dwc2,dr_mode=host")
    assert text.startswith("[cm5]\ndtoverlay=dwc2,dr_mode=host\n# >>> gocdoc: pi4 official-7 rc522-spi0")
    assert text.split("\n")[3] == "[all]"


def test_a_fresh_raspberry_pi_os_gets_only_what_it_lacks() -> None:
    written = block.split(PI4.merge_config(FRESH_CONFIG)).block.splitlines()
    assert [line for line in written if not line.startswith("#")] == [
        "[all]", "dtoverlay=", "disable_splash=1", "dtparam=spi=on",
    ]  # fmt: skip


def test_a_setting_in_another_boards_section_does_not_count_as_set() -> None:
    assert "dtparam=spi=on" in block.split(PI4.merge_config("[pi5]\ndtparam=spi=on\n")).block.splitlines()


def test_a_setting_that_hangs_on_a_monitor_does_not_count_as_set() -> None:
    text = PI4.merge_config("[EDID=DEL-X]\ndtparam=spi=on\n")
    assert "dtparam=spi=on" in block.split(text).block.splitlines()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dtparam=spi=off", "dtparam=spi=on"),
        ("dtparam=i2c_arm=on,spi=off", "/dev/spidev0.0"),
        ("  dtparam=spi=0", "dtparam=spi=on"),
        ("dtoverlay=vc4-fkms-v3d", "takes the panel away"),
        ("dtoverlay=spi0-1cs,cs0_pin=25", "GPIO8"),
        ("dtoverlay=spi1-2cs", "outer beam"),
        ("display_auto_detect=0", "display_auto_detect=1"),
        ("ignore_lcd=1", "black"),
        ("[pi4]\ndisable_splash=0", "disable_splash=1"),
        ("[EDID=DEL-X]\ndtparam=spi=off", "dtparam=spi=on"),
    ],
)
def test_an_owners_line_against_the_station_is_refused_by_its_number(line: str, words: str) -> None:
    text = f"# mine\n\n{line}\n"
    number = text.rstrip().count("\n") + 1
    with pytest.raises(FirmwareError) as refusal:
        PI4.merge_config(text)
    message = str(refusal.value)
    assert f"config.txt line {number}: '{line.splitlines()[-1].strip()}'" in message
    assert words in message
    assert message in PI4.findings(text, FRESH_CMDLINE)


@pytest.mark.parametrize(
    "line",
    ["#dtparam=spi=off", "[pi5]\ndtparam=spi=off", "[none]\ndtparam=spi=off", "dtoverlay=spi0-1cs,no_miso"],
)
def test_a_line_that_does_not_count_on_this_board_is_no_conflict(line: str) -> None:
    assert line in PI4.merge_config(line + "\n")


def test_a_conflict_below_the_block_is_named_by_its_number_in_the_file() -> None:
    text = PI4.merge_config("") + "dtparam=spi=off\n"
    with pytest.raises(FirmwareError, match=f"line {text.count(chr(10))}: "):
        PI4.merge_config(text)


@pytest.mark.parametrize(
    "text",
    ["# >>> gocdoc: a\n", "# <<< gocdoc\n", "# <<< gocdoc\n# >>> gocdoc: a\n",
     "# >>> gocdoc: a\n# <<< gocdoc\n# >>> gocdoc: b\n# <<< gocdoc\n"],
)  # fmt: skip
def test_stray_marks_are_refused_with_their_lines(text: str) -> None:
    with pytest.raises(FirmwareError, match=r"found on line 1.*: delete the stray mark"):
        PI4.merge_config(text)


def test_a_line_taken_out_of_the_block_is_missed() -> None:
    text = PI4.merge_config(FRESH_CONFIG).replace("dtparam=spi=on\n# <<<", "# <<<")
    (finding,) = PI4.findings(text, PI4.merge_cmdline(FRESH_CMDLINE))
    assert "'dtparam=spi=on' is missing" in finding
    assert "kiosk firmware write" in finding


def test_a_line_smuggled_into_the_block_is_seen() -> None:
    text = PI4.merge_config(FRESH_CONFIG).replace("# <<< gocdoc", "gpu_mem=16\n# <<< gocdoc")
    (finding,) = PI4.findings(text, PI4.merge_cmdline(FRESH_CMDLINE))
    assert "between the marks" in finding


def test_a_block_for_another_panel_is_found() -> None:
    other = compose("pi4", "touch-display-2", "rc522-spi0")
    assert other.findings(PI4.merge_config(FRESH_CONFIG), other.merge_cmdline(FRESH_CMDLINE))


def test_the_block_remembers_what_it_was_written_for() -> None:
    assert block.chosen(block.split(PI5.merge_config("")).block) == ("pi5", "hdmi-1024x600", "rc522-spi0")
