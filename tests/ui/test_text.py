"""Sentences in boxes: measured by letters, drawn by the font, and never wider than their box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ui import theme

if TYPE_CHECKING:
    from tests.ui.conftest import Driver

pytestmark = pytest.mark.display

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệ ĂÂĐÊÔƠƯẾỖẨWMil,.!?0123456789"
ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(
    said=st.text(LETTERS, min_size=1, max_size=120),
    weight=st.sampled_from(["title", "strong", "text"]),
    size_mm=st.floats(2.5, 10),
    width=st.integers(60, 800),
    height=st.integers(20, 200),
    lines=st.integers(1, 4),
)
@example("Những cuộc phiêu lưu kỳ thú của chú mèo đi hia", "text", 3.0, 300, 60, 2)
def test_what_is_drawn_is_never_wider_than_its_box_nor_higher_than_it_may_be(
    driver: Driver, said: str, weight: str, size_mm: float, width: int, height: int, lines: int
) -> None:
    from ui.widgets.text import Say

    say = Say(said, size_mm=size_mm, least_mm=2.4, lines=lines, weight=weight, size=(width, height))
    drawn = say.text.split("\n")
    assert say.texture_size[0] <= width or max(map(len, drawn)) == 1
    assert len(drawn) <= lines
    whole = "".join(say.said.split())
    shown = "".join(say.text.split())
    assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1]))


def test_a_sentence_that_fits_has_the_size_it_asked_for(driver: Driver) -> None:
    from kivy.metrics import mm

    from ui.widgets.text import Say

    assert Say("Xin chào!", size_mm=6, size=(mm(80), mm(12))).font_size == round(mm(6))


def test_a_longer_sentence_is_smaller_and_one_too_long_is_cut_at_the_smallest_size(driver: Driver) -> None:
    from kivy.metrics import mm

    from ui.widgets.text import Say

    sizes = [
        Say("mèo con " * count, size_mm=8, least_mm=3, lines=2, size=(mm(60), mm(24))).font_size
        for count in (1, 6, 9, 40)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == round(mm(8)) > sizes[1] > sizes[-1] == round(mm(3))


def test_trying_sizes_opens_no_fonts_beyond_those_that_draw(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kivy.core.text import Label

    from ui.samples import samples
    from ui.widgets import text

    opened: set[tuple[object, object]] = set()
    asked = Label.get_extents

    def counted(label: Label, words: str) -> tuple[int, int]:
        if words != text.TALLEST:  # a line's height is asked once a size and process
            opened.add((label.options["font_name"], label.options["font_size"]))
        return tuple(asked(label, words))  # type: ignore[return-value]

    monkeypatch.setattr(Label, "get_extents", counted)
    for screen in samples().values():
        driver.drawn(screen)
    drawn = {key for key in opened if key[1] != text.REFERENCE}
    # SDL's provider keeps 64 fonts and opens the oldest anew for every further one: a millisecond each.
    assert 10 < len(drawn) <= 64


def test_of_what_was_written_only_single_letters_stay_in_memory(driver: Driver) -> None:
    from ui.widgets import text

    text.Say("Nguyễn Bí Mật", size=(400, 60))
    for weight in ("title", "strong", "text"):
        letters = text._letters(theme.font(weight))
        assert all(len(letter) == 1 for letter in letters)
        for code in range(0x4E00, 0x4E00 + text.MOST_LETTERS + 100):
            letters[chr(code)]
        assert len(letters) <= text.MOST_LETTERS
