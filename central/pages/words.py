"""What the pages say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

LANGUAGES = ("vi", "en")

_WORDS: dict[str, dict[str, str]] = {
    "vi": {
        "title": "Góc Đọc",
        "centre": "Trung tâm",
        "other_language": "English",
        "today": "Hôm nay",
        "loans": "Mượn",
        "returns": "Trả",
        "renewals": "Gia hạn",
        "total_in": "Lượt vào",
        "total_out": "Lượt ra",
        "visits_in": "Vào",
        "visits_out": "Ra",
        "help_calls": "Gọi giúp",
        "stations": "Các trạm",
        "station": "Trạm",
        "connection": "Kết nối",
        "data": "Số liệu",
        "health": "Tình trạng",
        "summary": "{n} trạm, {connected} đang kết nối",
        "summary_unknown": "{n} trạm",
        "attention": "{n} cần xem",
        "connected": "Đang kết nối",
        "disconnected": "Mất kết nối",
        "since": "từ {when}",
        "unknown": "Chưa rõ",
        "never_heard": "Chưa báo về lần nào",
        "heard": "Báo về {ago}",
        "complete": "Đã nhận đủ",
        "behind": "Còn {n} mục chưa về",
        "oldest": "cũ nhất {ago}",
        "gap": "Thiếu số {ranges}",
        "healthy": "Không báo lỗi",
        "version": "phiên bản {version}",
        "fault": "{device} không hoạt động",
        "device_pad": "Tấm đọc",
        "device_door": "Cảm biến cửa",
        "device_lamp": "Đèn báo",
        "device_storage": "Bộ nhớ của trạm",
        "device_desk": "Chương trình của trạm",
        "device_sounder": "Còi báo",
        "device_speaker": "Loa",
        "device_buttons": "Nút bấm",
        "device_scanner": "Máy quét",
        "device_link": "Kết nối mạng",
        "device_pins": "Chân cắm",
        "device_gate": "Cổng từ",
        "device_panel-light": "Đèn màn hình",
        "device_presence": "Cảm biến chuyển động",
        "device_board.power": "Nguồn điện",
        "device_board.heat": "Nhiệt độ",
        "device_board.readonly": "Thẻ nhớ chỉ đọc",
        "device_board.disk": "Chỗ lưu",
        "device_board.card": "Thẻ nhớ",
        "device_board.memory": "Bộ nhớ",
        "device_board.clock": "Đồng hồ",
        "clock_free": "Đồng hồ chưa đồng bộ",
        "forked": "Thẻ nhớ bị khôi phục hoặc sao chép",
        "quarantined": "{n} mục mâu thuẫn, cần xem",
        "deadletters": "{n} tin không đọc được",
        "empty_title": "Chưa có trạm nào báo về",
        "empty_text": "Trạm nào được bật và có mạng sẽ tự hiện ở đây.",
        "broker_lost": "Trung tâm chưa nối được với máy chuyển tin. Các trạm giữ số liệu lại và gửi sau;"
        " không mất gì cả.",
        "broker_trouble": "Máy chuyển tin báo trở ngại.",
        "details": "Chi tiết",
        "stale": "Trang không nhận được số liệu mới. Có thể trung tâm đang khởi động lại.",
        "no_script": "Trang này tự cập nhật khi bật JavaScript; nếu không, hãy tải lại trang.",
        "database": "Cơ sở dữ liệu của trung tâm không đọc được lúc này.",
        "now": "vừa xong",
        "minutes": "{n} phút trước",
        "hours": "{n} giờ trước",
        "days": "{n} ngày trước",
    },
    "en": {
        "title": "Góc Đọc",
        "centre": "Centre",
        "other_language": "Tiếng Việt",
        "today": "Today",
        "loans": "Loans",
        "returns": "Returns",
        "renewals": "Renewals",
        "total_in": "Visits in",
        "total_out": "Visits out",
        "visits_in": "In",
        "visits_out": "Out",
        "help_calls": "Help calls",
        "stations": "Stations",
        "station": "Station",
        "connection": "Connection",
        "data": "Data",
        "health": "Condition",
        "summary": "{n} in all, {connected} connected",
        "summary_unknown": "{n} in all",
        "attention": "{n} to look at",
        "connected": "Connected",
        "disconnected": "Not connected",
        "since": "since {when}",
        "unknown": "Not known",
        "never_heard": "Never heard from",
        "heard": "Heard {ago}",
        "complete": "All received",
        "behind": "{n} facts not here yet",
        "oldest": "oldest {ago}",
        "gap": "Missing numbers {ranges}",
        "healthy": "No fault reported",
        "version": "version {version}",
        "fault": "{device} not working",
        "device_pad": "Pad",
        "device_door": "Door sensor",
        "device_lamp": "Lamp",
        "device_storage": "The station's storage",
        "device_desk": "The station's program",
        "device_sounder": "Buzzer",
        "device_speaker": "Speaker",
        "device_buttons": "Buttons",
        "device_scanner": "Scanner",
        "device_link": "Network link",
        "device_pins": "Pins",
        "device_gate": "Gate",
        "device_panel-light": "Panel light",
        "device_presence": "Motion sensor",
        "device_board.power": "Power supply",
        "device_board.heat": "Heat",
        "device_board.readonly": "Read-only card",
        "device_board.disk": "Disk space",
        "device_board.card": "Memory card",
        "device_board.memory": "Memory",
        "device_board.clock": "Clock",
        "clock_free": "Clock not synchronised",
        "forked": "Memory card restored or copied",
        "quarantined": "{n} contradicting facts to look at",
        "deadletters": "{n} unreadable messages",
        "empty_title": "No station has reported yet",
        "empty_text": "A station appears here by itself once it is switched on and online.",
        "broker_lost": "The centre has no connection to the message broker. Stations keep their data"
        " and send it later; nothing is lost.",
        "broker_trouble": "The message broker reports trouble.",
        "details": "Details",
        "stale": "This page receives no new data. The centre may be restarting.",
        "no_script": "This page renews itself with JavaScript switched on; without it, please reload.",
        "database": "The centre's database cannot be read just now.",
        "now": "just now",
        "minutes": "{n} min ago",
        "hours": "{n} h ago",
        "days": "{n} days ago",
    },
}
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

    def when(self, text: str | None, now: datetime) -> str:
        """A moment, in the centre's own time zone: the hour today, the date before."""
        moment = _moment(text)
        if moment is None:
            return "?"
        local = moment.astimezone(now.tzinfo)
        return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%d/%m %H:%M}"

    def ago(self, text: str | None, now: datetime) -> str:
        """How long ago a moment was."""
        moment = _moment(text)
        if moment is None:
            return "?"
        minutes = int((now - moment).total_seconds() // 60)
        if minutes < 1:  # a station's clock may run ahead of ours
            return self("now")
        if minutes < 60:
            return self("minutes", n=minutes)
        if minutes < 48 * 60:
            return self("hours", n=minutes // 60)
        return self("days", n=self.number(minutes // (24 * 60)))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
