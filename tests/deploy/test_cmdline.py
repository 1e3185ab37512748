import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_config.cmdline import findings, key, merge, words
from firmware_config.compose import compose
from firmware_config.errors import FirmwareError
from tests.deploy.boot_files import FRESH_CMDLINE

PI4 = compose("pi4", "official-7", "rc522-spi0")
HDMI = compose("pi4", "hdmi-1024x600", "rc522-spi0")
OURS = PI4.cmdline.split()

WORDS = st.lists(
    st.sampled_from(
        ["console=tty1", "quiet", "loglevel=7", "consoleblank=600", "splash", 'dyndbg="file a.c +p"',
         "video=DSI-1:800x480@60", "isolcpus=3", "logo.nologo", "vt.global_cursor_default=1"]
    ),
    max_size=12,
)  # fmt: skip


@given(WORDS, WORDS, st.sampled_from(["", "\n", "  \n"]))
def test_writing_twice_is_writing_once_and_keeps_every_word_of_the_owner(
    before: list[str], after: list[str], end: str
) -> None:
    text = "  ".join([*before, "root=PARTUUID=1-02", *after]) + end
    once = merge(text, OURS)
    assert merge(once, OURS) == once
    assert once.endswith(end)
    mine = {key(word) for word in OURS}
    assert [word for word in words(once) if key(word) not in mine] == [
        word for word in words(text) if key(word) not in mine
    ]
    assert findings(once, OURS) == []
    for word in OURS:
        assert words(once).count(word) == 1


def test_a_value_of_ours_is_put_right_where_it_stands() -> None:
    assert merge("root=/dev/sda1 loglevel=7 rw\n", ["loglevel=3"]) == "root=/dev/sda1 loglevel=3 rw\n"


def test_leaving_the_hdmi_panel_takes_its_mode_with_it() -> None:
    on_hdmi = HDMI.merge_cmdline(FRESH_CMDLINE)
    assert "video=HDMI-A-1:1024x600M@60D" in words(on_hdmi)
    assert any("belongs to another panel" in finding for finding in PI4.findings("", on_hdmi))
    assert "video=" not in PI4.merge_cmdline(on_hdmi)


def test_an_owners_mode_for_another_connector_stays() -> None:
    assert "video=DSI-1:800x480@60" in HDMI.merge_cmdline("root=/dev/x video=DSI-1:800x480@60\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no 'root='"),
        ("console=tty1 quiet\n", "names no 'root='"),
        ("root=/dev/x\nquiet\n", "lines 1 and 2"),
    ],
)
def test_a_command_line_that_could_not_boot_is_refused(text: str, message: str) -> None:
    with pytest.raises(FirmwareError, match=message):
        merge(text, OURS)
    (finding,) = findings(text, OURS)
    assert message in finding


def test_each_missing_and_each_different_word_is_told() -> None:
    found = findings("root=/dev/x quiet consoleblank=600\n", ["quiet", "consoleblank=0", "loglevel=3"])
    assert found == [
        "cmdline.txt: 'consoleblank=600' stands where 'consoleblank=0' is wanted",
        "cmdline.txt: 'loglevel=3' is missing",
    ]


@pytest.mark.parametrize("word", ["overlayroot=tmpfs", "overlayroot=tmpfs:swap=1", "boot=overlay"])
def test_an_overlay_that_would_forget_every_loan_is_told(word: str) -> None:
    (finding,) = findings(f"{word} root=/dev/x\n", [])
    assert word in finding
    assert "forgotten at power-off" in finding


@pytest.mark.parametrize(
    "word", ["overlayroot=tmpfs:recurse=0", "overlayroot=tmpfs:swap=1,recurse=0", "overlayroot=disabled"]
)
def test_an_overlay_of_the_root_alone_is_in_order(word: str) -> None:
    assert findings(f"{word} root=/dev/x\n", []) == []
