"""Cover files come from outside: whatever they are, the book is drawn, and the screen never waits for one."""

from __future__ import annotations

import os
import struct
import time
import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from kiosk import screens as views
from ui.samples.library import BOOKS, CHILD, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ui.conftest import Driver

pytestmark = pytest.mark.display

RED = (200, 30, 30)


@pytest.fixture
def folder(driver: Driver, tmp_path: Path) -> Iterator[Path]:
    from ui.widgets.covers import covers

    (tmp_path / "covers").mkdir()
    covers.empty()
    yield tmp_path / "covers"
    covers.empty()


def save(path: Path, size: tuple[int, int] = (480, 640), colour: tuple[int, int, int] = RED) -> None:
    Image.new("RGB", size, colour).save(path)


def encoded(kind: str, size: tuple[int, int] = (480, 640)) -> bytes:
    file = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(file, kind)
    return file.getvalue()


def texture_of(folder: Path, title_id: str, width: float = 300) -> Any:
    from ui.widgets.covers import cover_texture

    return cover_texture(folder, title_id, width)


def cover_of(folder: Path, width_mm: float = 40) -> Any:
    from kivy.metrics import mm

    from ui.widgets.book import CoverPicture

    cover = CoverPicture(BOOKS[0], folder)
    cover.size = (mm(width_mm), mm(width_mm * 1.25))
    return cover


def test_a_cover_is_read_at_the_size_at_which_it_is_drawn(folder: Path) -> None:
    save(folder / "T-1.png")
    texture = texture_of(folder, "T-1", 130)
    assert 130 <= texture.width <= 160
    assert texture.height == pytest.approx(texture.width * 4 / 3, abs=1)
    assert texture.pixels[:3] == bytes(RED)
    assert texture_of(folder, "T-1", 2000).size == (480, 640), "never enlarged"


def test_a_cover_stands_the_right_way_up(folder: Path) -> None:
    picture = Image.new("RGB", (480, 640), (0, 0, 200))
    picture.paste(RED, (0, 0, 480, 320))
    picture.save(folder / "T-1.png")
    texture = texture_of(folder, "T-1")
    # Kivy's rows go up when the texture is not flipped; a flipped one has its first row at the top.
    assert texture.tex_coords[1] > texture.tex_coords[5]
    assert texture.pixels[:3] == bytes(RED)


def test_the_librarys_own_cover_goes_before_the_drawn_one(folder: Path) -> None:
    save(folder / "T-1.png", colour=(0, 0, 255))
    save(folder / "T-1.jpg")
    assert list(texture_of(folder, "T-1").pixels[:3]) == pytest.approx(RED, abs=4)
    (folder / "T-2.jpg").write_bytes(b"broken")
    save(folder / "T-2.png", colour=(0, 0, 255))
    assert texture_of(folder, "T-2").pixels[:3] == bytes((0, 0, 255)), "and a broken one gives way to it"


def test_a_missing_cover_is_drawn_with_the_books_name(folder: Path) -> None:
    from ui.inspection import texts

    assert texts(cover_of(folder)) == [BOOKS[0].name]


@pytest.mark.parametrize(
    "title_id", ["../secret", "/etc/passwd", "a/b", "..", "", "x" * 300, "a\0b", "~root"]
)
def test_a_title_id_never_leaves_the_folder(folder: Path, title_id: str) -> None:
    save(folder.parent / "secret.png")
    assert texture_of(folder, title_id) is None


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_head(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


BAD = {
    "empty": b"",
    "a gif": b"GIF89a" + b"x" * 100,
    "a head only": b"\x89PNG\r\n\x1a\n",
    "3600 megapixels": png_head(60000, 60000),
    "rubbish after the head": png_head(480, 640) + b"rubbish",
    "a cut png": encoded("PNG")[:-5000],
    "a cut jpeg": encoded("JPEG")[:-5000],
    "20 megapixels": b"",  # written below: a real one, small as a file
    "two megabytes": encoded("PNG", (900, 900)),
}


@pytest.mark.parametrize("ending", [".png", ".jpg"])
@pytest.mark.parametrize("kind", list(BAD))
def test_a_bad_cover_is_drawn_instead_and_holds_nothing_up(folder: Path, kind: str, ending: str) -> None:
    from ui.inspection import texts

    path = folder / f"T-1{ending}"
    if kind == "20 megapixels":
        Image.new("L", (4000, 5000)).save(path)
    else:
        path.write_bytes(BAD[kind])
    begun = time.process_time()
    cover = cover_of(folder)
    assert time.process_time() - begun < 0.25  # measured 0.01 s; the 20 megapixels would take 0.4 s
    assert texts(cover) == [BOOKS[0].name]
    cover.size = (cover.width / 2, cover.height / 2)  # and laid out again, it stays drawn
    assert cover._front.texture is None or cover._drawn


def test_a_picture_under_the_wrong_ending_is_shown_for_what_it_is(folder: Path) -> None:
    (folder / "T-1.png").write_bytes(encoded("JPEG"))
    (folder / "T-2.jpg").write_bytes(encoded("PNG", (300, 400)))
    assert texture_of(folder, "T-1") is not None
    assert texture_of(folder, "T-2") is not None


def test_a_link_a_pipe_and_a_folder_are_no_covers_and_nothing_waits_for_them(
    folder: Path,
) -> None:
    save(folder.parent / "secret.png")
    (folder / "T-1.png").symlink_to(folder.parent / "secret.png")
    os.mkfifo(folder / "T-2.png")
    (folder / "T-3.png").mkdir()
    (folder / "T-4.png").symlink_to(folder / "T-4.png")
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    assert [texture_of(folder, f"T-{number}") for number in (1, 2, 3, 4)] == [None] * 4
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before, "and no file stays open"


def test_a_cover_is_read_once_in_a_visit_and_forgotten_with_it(driver: Driver, folder: Path) -> None:
    from ui.widgets.covers import covers

    for book in BOOKS[:3]:
        save(folder / f"{book.title_id}.png")
    driver.app._covers, home = folder, driver.app._covers
    try:
        driver.show(views.Lent(CHILD, BOOKS[:1], TODAY), awake=False)
        kept = len(covers)
        assert kept
        (folder / f"{BOOKS[0].title_id}.png").unlink()
        driver.show(views.Lent(CHILD, BOOKS[:1], TODAY, can_undo=False), awake=False)
        assert len(covers) >= kept, "the next screen with it does not read it again"
        driver.show(views.Welcome(), awake=False)
        assert len(covers) == 0
        driver.show(views.Lent(CHILD, BOOKS[1:2], TODAY), awake=False)
        assert len(covers)
        driver.show(views.ReaderOut(), awake=False)
        assert len(covers) == 0, "a visit may also end on another screen"
    finally:
        driver.app._covers = home


def test_kept_covers_are_bounded_in_bytes(folder: Path) -> None:
    from ui.widgets import covers

    for number in range(30):
        save(folder / f"N-{number}.png")
        texture_of(folder, f"N-{number}", 480)
    assert 1 <= len(covers.covers) < 30
    assert covers.covers.bytes <= covers.MOST_BYTES
