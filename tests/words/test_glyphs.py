"""Which letters a font has: our reader agrees with fontTools, and no damaged file breaks it."""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache
from pathlib import Path

import fontpkg_be_vietnam_pro
import kivy
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from kiosk.words import faces
from kiosk.words.glyphs import FontError, letters_in

FONTS = Path(faces.__file__).parent / "fonts"
OTHERS = sorted((Path(kivy.__file__).parent / "data" / "fonts").glob("*.ttf"))
FILES = [*FONTS.glob("*.ttf"), faces.face_file(faces.PLAIN), *OTHERS]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_reader_finds_the_letters_that_fonttools_finds(path: Path) -> None:
    font = TTFont(path)
    known = {chr(code) for code, name in font.getBestCmap().items() if font.getGlyphID(name)}
    assert letters_in(path) == known


@cache
def header() -> bytes:
    """A small font's bytes: tables and cmap of the plain face, without its outlines."""
    font = TTFont(faces.face_file(faces.PLAIN))
    for table in set(font.keys()) - {"cmap", "head", "GlyphOrder", "maxp", "post", "hhea", "hmtx"}:
        del font[table]
    from io import BytesIO

    written = BytesIO()
    font.save(written)
    return written.getvalue()


@given(
    st.lists(st.tuples(st.integers(0, 20_000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6),
    st.integers(0, 40_000),
)
def test_a_damaged_font_is_refused_or_read_and_never_endless(
    tmp_path_factory: pytest.TempPathFactory, hits: list[tuple[int, bytes]], end: int
) -> None:
    data = bytearray(header())
    for place, wrong in hits:
        at = place % len(data)
        data[at : at + len(wrong)] = wrong
    path = tmp_path_factory.getbasetemp() / f"{hashlib.sha256(data).hexdigest()}-{end}.ttf"
    path.write_bytes(data[: max(1, end)])
    try:
        letters = letters_in(path)
    except FontError:
        return
    assert len(letters) <= 0x110000


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x00\x01\x00\x00", b"\x00\x01\x00\x00\x00\x01" + b"\0" * 30]
)
def test_a_file_that_is_no_font_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ttf"
    path.write_bytes(content)
    with pytest.raises(FontError, match=r"x\.ttf: "):
        letters_in(path)


@pytest.mark.parametrize("face", faces.BUILT_IN)
@pytest.mark.parametrize("weight", ["ExtraBold", "Bold", "SemiBold"])
def test_every_face_has_what_names_and_titles_need(face: str, weight: str) -> None:
    assert letters_in(faces.face_file(face, weight)) >= faces.NEEDED


def test_the_tai_viet_face_has_every_letter_of_the_script() -> None:
    script = {chr(code) for code in range(0xAA80, 0xAAE0) if unicodedata.category(chr(code)) != "Cn"}
    for path in FONTS.glob("*.ttf"):
        assert letters_in(path) >= script


@pytest.mark.parametrize(
    ("text", "face", "drawn_in"),
    [
        ("Chào con", "", faces.PLAIN),
        ("ꪼꪕ Mây", "", faces.TAI_VIET),
        ("Mây", faces.TAI_VIET, faces.TAI_VIET),
        ("ꪼꪕ", "/x/own.ttf", "/x/own.ttf"),
    ],
)
def test_a_text_chooses_its_face_by_its_letters(text: str, face: str, drawn_in: str) -> None:
    assert faces.face_for(text, face) == drawn_in


@pytest.mark.parametrize("path", sorted(FONTS.glob("*.ttf")), ids=lambda path: path.stem)
def test_every_letter_of_a_mixed_sentence_has_ink_and_none_is_taller_than_its_line(path: Path) -> None:
    font = ImageFont.truetype(str(path), 40)
    for letter in set("ꪼꪕ ꪀꪳ꫁ Nguyễn Ẫ 12/8!") - {" "}:
        assert font.getmask(letter).getbbox(), letter
    made = TTFont(path)
    above, below = made["hhea"].ascent, made["hhea"].descent
    for code in range(0xAA80, 0xAAE0):
        glyph = made["glyf"][made.getBestCmap().get(code, ".notdef")]
        if glyph.numberOfContours:
            assert below <= glyph.yMin <= glyph.yMax <= above, hex(code)


def test_the_made_faces_are_free_and_their_licence_lies_beside_them() -> None:
    licence = (FONTS / "LICENSE.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Noto Project Authors" in licence
    assert "Be Vietnam Pro Project Authors" in licence
    for path in FONTS.glob("*.ttf"):
        assert path.stat().st_size < 250_000
        names = [str(entry) for entry in TTFont(path)["name"].names]
        assert any("Open Font License" in name for name in names)
        assert not any(name.startswith(("Noto", "Be Vietnam Pro")) for name in names)


def test_vietnamese_looks_the_same_in_both_faces() -> None:
    for weight in ("ExtraBold", "Bold", "SemiBold"):
        one, other = (TTFont(faces.face_file(face, weight)) for face in faces.BUILT_IN)
        for letter in faces.NEEDED:
            glyphs = [font["glyf"][font.getBestCmap()[ord(letter)]] for font in (one, other)]
            assert glyphs[0].getCoordinates(one["glyf"])[0] == glyphs[1].getCoordinates(other["glyf"])[0], (
                letter
            )


def test_a_librarians_font_without_vietnamese_letters_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "no.ttf", tmp_path / "mono.ttf"):
        path.write_bytes(b"not a font")
        with pytest.raises(FontError, match="not a TrueType"):
            faces.examined(path)
    source = Path(fontpkg_be_vietnam_pro.ROOT) / "files" / "BeVietnamPro-SemiBold.ttf"
    faces.examined(source)
    font = TTFont(source)
    for table in font["cmap"].tables:
        table.cmap.pop(ord("ẵ"), None)
    poor = tmp_path / "poor.ttf"
    font.save(poor)
    with pytest.raises(FontError, match="lacks 1 letters that names and titles need: ẵ"):
        faces.examined(poor)


def test_a_font_whose_outlines_are_gone_is_refused_though_its_letters_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "torn.ttf"
    path.write_bytes(header())
    assert letters_in(path) >= faces.NEEDED
    with pytest.raises(FontError, match="cannot be opened"):
        faces.examined(path)
