"""Covers: one a title, always the same, readable, told apart at a glance, drawn from hostile text too."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageStat

from kiosk.demo import FOLDER
from kiosk.imports import covers
from kiosk.imports.cells import SHELVES
from kiosk.imports.covers import HEIGHT, WIDTH, draw_cover, draw_covers
from kiosk.imports.entries import read_titles
from kiosk.imports.make_motifs import MOTIFS
from kiosk.imports.palette import FAMILIES, contrast
from kiosk.imports.refusal import Mistakes
from kiosk.model import Title
from ui import theme


def a_title(
    name: str, *, ident: str = "t", author: str = "Tô Hoài", motif: str = "cat", shelf: str = "red"
) -> Title:
    return Title(ident, name, author, "vi", 0, shelf, motif)


def demo_titles() -> list[Title]:
    return [entry.value for entry in read_titles(FOLDER / "titles.csv", Mistakes())]


def test_a_cover_is_three_by_four_and_the_same_every_time() -> None:
    title = a_title("Dế Mèn phiêu lưu ký")
    one, again = draw_cover(title), draw_cover(title)
    assert one.size == (WIDTH, HEIGHT) == (480, 640)
    assert one.tobytes() == again.tobytes()


def test_every_demonstration_cover_is_clearly_another_than_every_other() -> None:
    small = {title.id: draw_cover(title).resize((24, 32), Image.Resampling.BOX) for title in demo_titles()}
    names = sorted(small)
    alike = []
    for position, one in enumerate(names):
        for other in names[position + 1 :]:
            parts = ImageStat.Stat(ImageChops.difference(small[one], small[other])).mean
            # 14 of 255 over all pixels: the pair most alike measures above, the same cover measures 0.
            if sum(parts) / 3 < 14:
                alike.append((one, other, round(sum(parts) / 3, 1)))
    assert alike == []


def test_covers_are_written_small_and_in_time(tmp_path: Path) -> None:
    titles = demo_titles()[:20]
    begun = time.process_time()
    assert draw_covers(titles, tmp_path / "covers") == 20
    # A guard against something quadratic, not a benchmark: measured 0.05 s each.
    assert time.process_time() - begun < 20
    files = sorted((tmp_path / "covers").iterdir())
    assert [file.name for file in files] == sorted(f"{title.id}.jpeg" for title in titles)
    assert sum(file.stat().st_size for file in files) / 20 < 88_000
    with Image.open(files[0]) as cover:
        assert cover.size == (480, 640)


def test_drawing_again_replaces_whole_files_only(tmp_path: Path) -> None:
    draw_covers([a_title("Một")], tmp_path)
    before = (tmp_path / "t.jpeg").read_bytes()
    draw_covers([a_title("Hai")], tmp_path)
    assert (tmp_path / "t.jpeg").read_bytes() != before
    assert [file.name for file in tmp_path.iterdir()] == ["t.jpeg"]


@pytest.mark.parametrize("size", covers._SIZES)
@pytest.mark.parametrize("text", ["ẾỖẨ Ộ ẴỰ", "Ệ ptgyựợ", "một hai ba", "QỤY (ỌỊ) ẪM"])
def test_stacked_accents_are_neither_clipped_nor_touch_the_line_above(size: int, text: str) -> None:
    font = covers._font("ExtraBold", size)
    lines = [text, text[::-1], text]
    baselines, end = covers._set(lines, font)
    ends_above = 0
    for line, baseline in zip(lines, baselines, strict=True):
        drawn = Image.new("L", (WIDTH * 2, HEIGHT))
        ImageDraw.Draw(drawn).text((WIDTH, baseline), line, font=font, fill=255, anchor="ms")
        box = drawn.getbbox()
        assert box is not None
        assert box[1] > ends_above
        ends_above = box[3]
    assert ends_above <= end


def test_the_title_stays_on_its_own_ground() -> None:
    """Drawn with and without its title, a cover differs only above the picture and inside the margins."""
    for title in demo_titles()[::7]:
        lines, font = covers._fit(title.name, WIDTH - 2 * covers._MARGIN)
        assert all(font.getlength(line) <= WIDTH - 2 * covers._MARGIN for line in lines)
        assert " ".join(lines) == title.name, "nothing of a real title is cut off"
        assert covers._set(lines, font)[1] < HEIGHT / 2


def test_the_font_has_every_letter_of_vietnamese() -> None:
    vowels = "aăâeêioôơuưy"
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = "".join(v + t for v in vowels for t in tones) + "đ"
    assert covers._drawable(letters + letters.upper()).replace(" ", "") == covers._drawable(
        letters + letters.upper()
    )
    assert len(covers._drawable(letters)) == len(vowels) * 6 + 1


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_every_ink_reads_well_on_its_ground(family: tuple[object, ...]) -> None:
    for scheme in family:
        assert contrast(scheme.ink, scheme.ground) >= 4.5  # type: ignore[attr-defined]


def test_shelves_have_the_same_names_in_the_lists_on_covers_and_on_the_screen() -> None:
    assert set(SHELVES) == set(FAMILIES) == set(theme.SHELVES)


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "\x00\x1b[31m\n\u202e", "W" * 5000, "dài " * 1250, "Ế" * 5000, "漢字のタイトル", "🦗" * 50,
        "a" * 40 + " " + "Ộ" * 40, "\u0301" * 200, "= cmd", "\ud800 lone surrogate", "\ufeffx",
    ],
    ids=lambda name: repr(name[:8]),
)  # fmt: skip
@pytest.mark.parametrize("motif", ["cat", "", "../../etc/passwd", "no-such-motif"])
def test_hostile_titles_and_motifs_still_give_a_cover(name: str, motif: str) -> None:
    cover = draw_cover(a_title(name, author=name, motif=motif, shelf="no-such-shelf"))
    assert cover.size == (480, 640)
    assert len(cover.getcolors(480 * 640) or []) > 20, "there is a picture on it"


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=300), author=st.text(max_size=100), ident=st.text(min_size=1, max_size=10))
def test_any_text_gives_a_cover_whose_lines_fit(name: str, author: str, ident: str) -> None:
    lines, font = covers._fit(name, WIDTH - 2 * covers._MARGIN)
    assert len(lines) <= 4
    assert all(font.getlength(line) <= WIDTH - 2 * covers._MARGIN for line in lines)
    assert draw_cover(a_title(name, ident=ident, author=author)).size == (480, 640)


def test_titles_without_a_motif_get_different_compositions() -> None:
    drawn = {draw_cover(a_title("Sách mới", ident=f"x{n}", motif="")).tobytes() for n in range(12)}
    assert len(drawn) == 12


def test_every_motif_picture_is_in_the_manifest_and_the_licence_is_beside_it() -> None:
    listed = {line.split(",")[0] for line in (MOTIFS / "manifest.csv").read_text().splitlines()[1:]}
    assert {file.stem for file in MOTIFS.glob("*.png")} == listed
    assert "MIT License" in (MOTIFS / "LICENSE.txt").read_text()
