"""A librarian and a real browser: the centre's process, a real broker, a station and its uplink."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from central.__main__ import app
from central.broker import LocalBroker
from kiosk.facts import DeviceFault, DoorCrossed
from tests.central.centre import Centre
from tests.central.corner import Corner, loans

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.broker, pytest.mark.browser]
PASSWORD = "dế mèn thích phiêu lưu"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
PAGES = ["/", "/stations/kiosk-1", "/usage", "/usage?by=age", "/messages", "/alerts", "/aside", "/log", "/me"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; what is missing is named, and is a failure where everything must be there."""
    missing = ""
    program = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        missing = f"no playwright here ({error}); install deploy/lock/dev.lock"
    if program is None:
        missing = "no chromium here; install it: apt-get install chromium"
    if missing:
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        # Chromium refuses to start as root with its sandbox on; what it opens here is our own.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, centre: Centre) -> Iterator[Callable[..., Page]]:
    """A window of its own, logged in unless that is not wanted. Errors of the page's script fail the test."""
    made = CliRunner().invoke(
        app, ["people", "add", "Cô Hoa", "--role", "admin", "--data", str(centre.data)], input=f"{PASSWORD}\n"
    )
    assert made.exit_code == 0, made.output
    errors: list[str] = []

    def open_page(lang: str = "vi", *, logged_in: bool = True, **more: object) -> Page:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{centre.port}",
            **({"viewport": DESK} | more),  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(f"/?lang={lang}")
        if logged_in:
            page.fill("#name", "cô hoa")
            page.fill("#password", PASSWORD)
            page.press("#password", "Enter")
            page.wait_for_selector("nav")
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert errors == []


@pytest.fixture
def corner(broker: LocalBroker, centre: Centre, make_corner: Callable[..., Corner]) -> Corner:
    """A station that reported something and is connected."""
    corner = make_corner(broker, "kiosk-1")
    corner.uplink.start()
    corner.report(*loans(6), DoorCrossed("in", "door", 3), DeviceFault("door", "<b>beam 2</b> is dark"))
    corner.until_drained()
    return corner


def test_a_librarian_watches_a_station_go_and_come_back_sends_it_a_message_and_takes_a_table_home(
    open_page: Callable[..., Page], broker: LocalBroker, tmp_path: Path
) -> None:
    page = open_page()
    page.evaluate("window.opened = true")  # gone after a reload
    page.get_by_text("Chưa có trạm nào báo về").wait_for()
    row = page.locator("tr", has=page.locator("a[href='/stations/kiosk-1']"))
    with closing(Corner(tmp_path / "kiosk-1", broker, "kiosk-1")) as corner:
        corner.uplink.start()
        corner.report(*loans(6))
        corner.until_drained()
        row.get_by_text("Đang kết nối").wait_for()
    row.get_by_text("Mất kết nối").wait_for()
    with closing(Corner(tmp_path / "kiosk-1", broker, "kiosk-1")) as corner:
        corner.uplink.start()
        corner.report(*loans(2, first=50))
        corner.until_drained()
        row.get_by_text("Đang kết nối").wait_for()
        row.get_by_text("8", exact=True).wait_for()  # loans
        assert page.evaluate("window.opened") is True, "nothing was reloaded"
        _send_a_message(page, corner)
    _take_a_table_home(page, tmp_path / "table.xlsx")
    page.click("text=Đăng xuất")
    page.goto("/")
    page.wait_for_url("**/login?next=%2F")


def _send_a_message(page: Page, corner: Corner) -> None:
    sent = "Chiều nay 4 giờ có kể chuyện <b>Dế Mèn</b>!"
    page.click("nav >> text=Lời nhắn")
    page.select_option("#whose", "kiosk-1")
    page.click("main button >> text=Xem")
    page.fill("#text", sent)
    page.click("main button >> text=Gửi")
    page.get_by_text("Đã gửi. Trạm đang có mạng").wait_for()
    corner.until(lambda: sent in [one.text for came in corner.news for one in came.announcements], what="it")
    assert page.locator(".told p").inner_text() == sent


def _take_a_table_home(page: Page, path: Path) -> None:
    page.click("nav >> text=Sử dụng")
    page.select_option("#by", "station")
    page.click("main button >> text=Xem")
    with page.expect_download() as download:
        page.click("main >> text=XLSX")
    download.value.save_as(path)
    with zipfile.ZipFile(path) as book:
        assert "kiosk-1" in book.read("xl/sharedStrings.xml").decode()


def test_every_page_fits_a_phone_and_can_be_read_touched_and_heard_in_both_languages(
    open_page: Callable[..., Page], corner: Corner, tmp_path: Path
) -> None:
    page = open_page(viewport=PHONE)
    for lang in ("en", "vi"):
        page.goto(f"/?lang={lang}")
        for path in PAGES:
            page.goto(path)
            assert page.evaluate("document.documentElement.lang") == lang
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
            assert page.evaluate(_SMALL) == [], path
            assert page.evaluate(_NAMELESS) == [], path
            assert page.evaluate(_FAINT) == [], path
            assert page.locator("h1").count() == 1, path
            page.screenshot(path=tmp_path / f"{PAGES.index(path)}-{lang}.png", full_page=True)


def test_what_somebody_reads_stays_open_and_the_keyboard_stays_where_it_was(
    open_page: Callable[..., Page], corner: Corner
) -> None:
    page = open_page("en")
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.get_by_text("<b>beam 2</b> is dark").wait_for()
    corner.report(*loans(1, first=70))
    row = page.locator("tr", has=page.locator("a[href='/stations/kiosk-1']"))
    row.get_by_text("7", exact=True).wait_for()
    assert page.get_by_text("<b>beam 2</b> is dark").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_without_script_everything_but_the_renewing_works(
    open_page: Callable[..., Page], corner: Corner
) -> None:
    page = open_page("en", java_script_enabled=False)
    assert "reloads itself every 30 seconds" in page.locator("noscript .notice").inner_text()
    page.click("nav >> text=Messages")
    page.fill("#text", "Story time at four")
    page.click("main button >> text=Send")
    page.get_by_text("Sent. Stations that are online").wait_for()
    corner.until(lambda: bool(corner.news) and bool(corner.news[-1].announcements), what="the message")


_SMALL = """() => [...document.querySelectorAll("button, input, select, nav a, summary, .mark[href]")]
  .filter(one => one.offsetParent && one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML)"""
_NAMELESS = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
  .filter(one => !one.labels.length).map(one => one.outerHTML)"""
_FAINT = """() => {
  // WCAG 2.2, 1.4.3: 4.5 to 1 between every text and what is behind it.
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(v => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = one => {
    for (; one; one = one.parentElement) {
      const found = rgb(getComputedStyle(one).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")].filter(one => one.offsetParent &&
      [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())).filter(one => {
    const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
  }).map(one => one.outerHTML.slice(0, 120));
}"""
