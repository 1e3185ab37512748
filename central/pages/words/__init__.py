"""What the pages say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from central.pages.words import en, vi

if TYPE_CHECKING:
    from central.alerts.book import Alert

LANGUAGES = ("vi", "en")

_WORDS: dict[str, dict[str, str]] = {"vi": vi.WORDS, "en": en.WORDS}
_WEEKDAYS = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


class Words:
    """One language of the pages."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self.other = "en" if self.language == "vi" else "vi"
        self._words = _WORDS[self.language]

    def __call__(self, key: str, **values: object) -> str:
        """The words for `key`. Raises KeyError for one that does not exist: a mistake of ours."""
        return self._words[key].format(**values)

    def device(self, name: str) -> str:
        """A device by the name a librarian knows; its own name when there is none."""
        return self._words.get(f"device_{name}", name)

    def number(self, n: int) -> str:
        """A count with the language's thousands separator."""
        return f"{n:,}".replace(",", "." if self.language == "vi" else ",")

    def ranges(self, missing: Sequence[tuple[int, int]]) -> str:
        """The first missing numbers, as few words as possible."""
        shown = [f"{first}" if first == last else f"{first}–{last}" for first, last in missing[:3]]
        return ", ".join(shown) + (" …" if len(missing) > 3 else "")

    def day(self, day: date) -> str:
        """A date as people write it."""
        return f"{_WEEKDAYS[self.language][day.weekday()]}, {day:%d/%m/%Y}"

    def short_day(self, day: str) -> str:
        """An ISO date in as few letters as a plot has room for."""
        return f"{day[8:10]}/{day[5:7]}"

    def when(self, text: str | None, now: datetime) -> str:
        """A moment, in the centre's own time zone: the hour today, the date before."""
        moment = _moment(text)
        if moment is None:
            return "?"
        local = moment.astimezone(now.tzinfo)
        return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%d/%m %H:%M}"

    def moment(self, text: str | None, now: datetime) -> str:
        """A moment with its date, in the centre's own time zone."""
        moment = _moment(text)
        return "?" if moment is None else f"{moment.astimezone(now.tzinfo):%d/%m/%Y %H:%M}"

    def alert(self, one: Alert) -> str:
        """What an alert is about, in one sentence."""
        device = self.device(one.about) if one.about else ""
        return self(f"alert_{one.kind.value}", station=one.station or self("the_centre"), device=device)

    def reason(self, name: str) -> str:
        """Why something was refused; the station's own word where there is none of ours."""
        return self._words.get(f"reason_{name}", name or self("no_name"))

    def alarm(self, kind: str) -> str:
        """What central.alarms.Kind is about."""
        return self._words.get(f"alarm_{kind}", kind)

    def deed(self, what: str) -> str:
        """What somebody did."""
        return self._words.get(f"did_{what}", what)

    def order(self, key: str) -> str:
        """What a station is asked for."""
        return self._words.get(f"order_{key}", key)

    def answer(self, status: str) -> str:
        """How a command ended."""
        return self._words.get(f"answer_{status}", status)

    def ago(self, text: str | None, now: datetime) -> str:
        """How long ago a moment was."""
        moment = _moment(text)
        if moment is None:
            return "?"
        minutes = int((now - moment).total_seconds() // 60)
        if minutes < 1:  # a station's clock may run ahead of ours
            return self("now")
        return self("past", time=self.span(minutes * 60))

    def span(self, seconds: int) -> str:
        """A length of time in its largest unit."""
        minutes = seconds // 60
        if minutes < 60:
            return self("minutes", n=minutes)
        if minutes < 48 * 60:
            return self("hours", n=minutes // 60)
        return self("days", n=self.number(minutes // (24 * 60)))

    def gigabytes(self, amount: int) -> str:
        """Bytes as the package of a card tells them: powers of ten, one decimal below ten."""
        size = amount / 1e9
        text = f"{size:.1f}" if size < 10 else f"{size:.0f}"
        return f"{text.replace('.', ',') if self.language == 'vi' else text} GB"


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
