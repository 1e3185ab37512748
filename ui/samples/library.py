"""Children and books of the sample screens: the usual ones, and those that are hard to draw."""

from __future__ import annotations

from datetime import date, timedelta

from kiosk.screens import Book, Child

TODAY = date(2026, 12, 5)
CHILD = Child("Mây", "rabbit", stamps=12)
LONG_NAME = Child("Nguyễn Thị Ngọc Ánhh", "dragon", stamps=1234)  # twenty letters, the most that is kept


def book(number: int, name: str, author: str, shelf: str, days: int | None = None) -> Book:
    """A sample book; `days` until it is due, None when it is not on loan."""
    due = None if days is None else TODAY + timedelta(days=days)
    return Book(f"LK-{number:07}", f"T-{number}", name, author, shelf, due)


BOOKS = (
    book(1, "Dế Mèn phiêu lưu ký", "Tô Hoài", "green", 14),
    book(2, "Những cuộc phiêu lưu kỳ thú của chú mèo đi hia", "Charles Perrault", "red", 3),
    book(3, "Đất rừng phương Nam", "Đoàn Giỏi", "blue", 7),
    book(4, "Kính vạn hoa", "Nguyễn Nhật Ánh", "yellow", 9),
    book(5, "Góc sân và khoảng trời", "Trần Đăng Khoa", "purple", 12),
    book(6, "Cho tôi xin một vé đi tuổi thơ", "Nguyễn Nhật Ánh", "orange", 12),
    book(7, "Hoàng tử bé", "Antoine de Saint-Exupéry", "pink", 12),
)
TEN = (*BOOKS, *BOOKS[:3])
FREE = book(8, "Sự tích cây vú sữa", "Truyện cổ tích Việt Nam", "teal")
ABOUT = (
    "Ngày xưa có một cậu bé ham chơi bỏ nhà ra đi. Mẹ nhớ con, khóc mãi rồi hóa thành cây, "
    "trái chín thơm ngọt như dòng sữa mẹ."
)
LONG_ABOUT = f"{ABOUT} {ABOUT}"
NEWS = "Sáng thứ Bảy có giờ kể chuyện. Mời các con đến nghe cô kể chuyện chú Cuội cung trăng!"
LONG_NEWS = (
    NEWS + " "
) * 2 + "Con rủ thêm bạn, mang theo một cuốn sách con thích, nhớ báo bố mẹ trước nhé. Hết!"
