"""A librarian's own covers: what is a picture is taken and scaled, what is not is named, with the remedy."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kiosk.imports.cover_files import LARGEST_FILE, CoversTaken, take_covers
from kiosk.imports.covers import CoversNotDrawn, draw_covers
from kiosk.model import Title

TITLES = [Title(f"t-{number}", f"Sách {number}", "Tô Hoài", "vi", 0, "red") for number in range(1, 6)]


@pytest.fixture
def given_folder(tmp_path: Path) -> Path:
    (tmp_path / "given").mkdir()
    return tmp_path / "given"


@pytest.fixture
def covers(tmp_path: Path) -> Path:
    return tmp_path / "covers"


def picture(size: tuple[int, int] = (600, 900), colour: str = "#3060c0", kind: str = "JPEG") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def only_refusal(answer: CoversTaken) -> str:
    assert answer.taken == 0
    (refused,) = answer.refused
    return str(refused)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("t-1.jpg", "JPEG"), ("t-1.JPEG", "JPEG"), ("t-1.png", "PNG"), ("t-1.webp", "WEBP"), ("t-1.jpg", "PNG")],
)
def test_a_picture_becomes_a_jpeg_of_the_screens_size_whatever_its_ending_says(
    given_folder: Path, covers: Path, name: str, kind: str
) -> None:
    (given_folder / name).write_bytes(picture(kind=kind))
    assert take_covers(given_folder, TITLES, covers) == CoversTaken(1, ())
    assert [file.name for file in covers.iterdir()] == ["t-1.jpg"]
    with Image.open(covers / "t-1.jpg") as cover:
        assert (cover.format, cover.size, cover.mode) == ("JPEG", (480, 640), "RGB")
    assert (covers / "t-1.jpg").stat().st_size < 150_000


def test_a_cover_that_is_not_three_by_four_is_whole_and_stands_on_its_own_colour(
    given_folder: Path, covers: Path
) -> None:
    square = Image.new("RGB", (800, 800), (200, 40, 40))
    square.paste((20, 200, 20), (300, 300, 500, 500))
    square.save(given_folder / "t-1.png")
    take_covers(given_folder, TITLES, covers)
    with Image.open(covers / "t-1.jpg") as cover:
        green = [x for x in range(480) if cover.getpixel((x, 320))[1] > 150]  # type: ignore[index]
        assert len(green) == pytest.approx(120, abs=4), "neither cut nor pulled out of shape"
        for place in ((240, 5), (240, 634)):
            assert cover.getpixel(place) == pytest.approx((200, 40, 40), abs=6)


def test_a_photograph_lying_on_its_side_is_turned_as_the_camera_says(
    given_folder: Path, covers: Path
) -> None:
    lying = Image.new("RGB", (900, 600), "white")
    lying.paste((200, 0, 0), (0, 0, 450, 600))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to see it upright
    lying.save(given_folder / "t-1.jpg", exif=exif)
    take_covers(given_folder, TITLES, covers)
    with Image.open(covers / "t-1.jpg") as cover:
        assert cover.getpixel((240, 100)) == pytest.approx((200, 0, 0), abs=12)
        assert cover.getpixel((240, 540)) == pytest.approx((255, 255, 255), abs=12)


def test_what_is_transparent_turns_white_not_black(given_folder: Path, covers: Path) -> None:
    Image.new("RGBA", (300, 400), (0, 0, 0, 0)).save(given_folder / "t-1.png")
    take_covers(given_folder, TITLES, covers)
    with Image.open(covers / "t-1.jpg") as cover:
        assert cover.getpixel((240, 320)) == pytest.approx((255, 255, 255), abs=3)


def test_twenty_megapixels_are_taken_scaled_and_in_time(given_folder: Path, covers: Path) -> None:
    (given_folder / "t-1.jpg").write_bytes(picture((4000, 5000)))
    begun = time.process_time()
    assert take_covers(given_folder, TITLES, covers).taken == 1
    assert time.process_time() - begun < 5  # measured 0.1 s
    assert (covers / "t-1.jpg").stat().st_size < 150_000


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"this is no picture", "no JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no JPEG, PNG or WebP"),
        (picture()[:3000], "damaged or cut off"),
        (picture((1200, 1600), kind="PNG")[:-2000], "damaged or cut off"),
        (picture((32, 32)), "at least 60"),
        (picture((9000, 6000)), "million pixels"),
    ],
    ids=["empty", "text", "svg", "cut jpeg", "cut png", "icon", "54 megapixels"],
)
def test_a_file_that_is_no_good_is_named_with_the_reason(
    given_folder: Path, covers: Path, content: bytes, why: str
) -> None:
    (given_folder / "t-1.jpg").write_bytes(content)
    said = only_refusal(take_covers(given_folder, TITLES, covers))
    assert said.startswith("t-1.jpg: ")
    assert why in said
    assert not covers.exists() or not list(covers.iterdir())


def test_a_link_a_pipe_and_a_folder_are_refused_and_nothing_waits_for_them(
    given_folder: Path, covers: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.jpg").write_bytes(picture())
    (given_folder / "t-1.jpg").symlink_to(tmp_path / "secret.jpg")
    os.mkfifo(given_folder / "t-2.jpg")
    (given_folder / "t-3.jpg").mkdir()
    answer = take_covers(given_folder, TITLES, covers)
    assert answer.taken == 0
    assert [str(each).split(";")[0] for each in answer.refused] == [
        "t-1.jpg: a link", "t-2.jpg: no ordinary file", "t-3.jpg: no ordinary file",
    ]  # fmt: skip


def test_a_file_too_large_to_read_is_not_read(given_folder: Path, covers: Path) -> None:
    with (given_folder / "t-1.jpg").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    assert "make it smaller" in only_refusal(take_covers(given_folder, TITLES, covers))


def test_a_file_for_no_title_or_of_no_picture_kind_is_named_and_the_others_are_taken(
    given_folder: Path, covers: Path
) -> None:
    for name in ("t-1.jpg", "t-9.jpg", "t-2.png", "t-2.jpg", "list.csv", "Thumbs.db\x1b[31m.jpg"):
        (given_folder / name).write_bytes(picture())
    answer = take_covers(given_folder, TITLES, covers)
    assert answer.taken == 2
    said = {str(each).split(":")[0]: each.why for each in answer.refused}
    assert said.keys() == {"t-9.jpg", "t-2.png", "list.csv", "'Thumbs.db\\x1b[31m.jpg'"}
    assert "t-2.jpg is this title's cover already" in said["t-2.png"]
    assert "no title has this id" in said["t-9.jpg"]


def test_own_covers_stay_when_the_lists_come_again(given_folder: Path, covers: Path) -> None:
    (given_folder / "t-1.jpg").write_bytes(picture())
    take_covers(given_folder, TITLES, covers)
    before = (covers / "t-1.jpg").read_bytes()
    draw_covers(TITLES, covers)
    assert (covers / "t-1.jpg").read_bytes() == before
    assert (covers / "t-1.jpeg").is_file()


def test_a_folder_that_is_not_there_or_cannot_be_written_is_said(given_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CoversNotDrawn, match="name a folder"):
        take_covers(tmp_path / "nowhere", TITLES, tmp_path / "covers")
    (given_folder / "t-1.jpg").write_bytes(picture())
    (tmp_path / "in_the_way").write_text("")
    with pytest.raises(CoversNotDrawn, match="after 0 of your covers"):
        take_covers(given_folder, TITLES, tmp_path / "in_the_way" / "covers")


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=6),
    end=st.floats(0, 1),
)
def test_whatever_bytes_a_file_holds_it_is_taken_or_named_and_never_raises(
    tmp_path_factory: pytest.TempPathFactory, kind: str, cuts: list[tuple[float, bytes]], end: float
) -> None:
    folder = tmp_path_factory.mktemp("any")
    content = bytearray(picture((90, 120), kind=kind))
    for place, other in cuts:
        at = int(place * len(content))
        content[at : at + len(other)] = other
    (folder / "t-1.jpg").write_bytes(content[: int(end * len(content))])
    answer = take_covers(folder, TITLES, folder / "covers")
    assert answer.taken + len(answer.refused) == 1
