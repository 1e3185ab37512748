"""Cover files come from outside: whatever they are, the book is drawn."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from tests.ui.conftest import Driver

pytestmark = pytest.mark.display


@pytest.fixture
def folder(driver: Driver, tmp_path: Path) -> Path:
    (tmp_path / "covers").mkdir()
    return tmp_path / "covers"


def save(path: Path, size: tuple[int, int] = (480, 640)) -> None:
    Image.new("RGB", size, (200, 30, 30)).save(path)


def test_a_cover_file_is_shown(folder: Path) -> None:
    from ui.widgets.book import cover_texture

    save(folder / "T-1.png")
    texture = cover_texture(folder, "T-1")
    assert texture is not None
    assert texture.size == (480, 640)


def test_a_missing_cover_is_drawn_with_the_books_name(folder: Path) -> None:
    from kivy.metrics import mm

    from ui.gallery import BOOKS
    from ui.inspection import texts
    from ui.widgets.book import CoverPicture

    cover = CoverPicture(BOOKS[0], folder)
    cover.size = (mm(40), mm(50))
    assert texts(cover) == [BOOKS[0].name]


@pytest.mark.parametrize(
    "title_id", ["../secret", "/etc/passwd", "a/b", "..", "", "x" * 300, "a\0b", "~root"]
)
def test_a_title_id_never_leaves_the_folder(folder: Path, title_id: str) -> None:
    from ui.widgets.book import cover_texture

    save(folder.parent / "secret.png")
    assert cover_texture(folder, title_id) is None


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"x" * 100,
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 480, 640, 8, 2, 0, 0, 0)) + b"rubbish",
    ],
)
def test_a_broken_or_enormous_cover_is_drawn_instead(folder: Path, content: bytes) -> None:
    from ui.widgets.book import cover_texture

    (folder / "T-2.png").write_bytes(content)
    assert cover_texture(folder, "T-2") is None
