"""What a translator begins with: an empty catalogue with the Vietnamese text above every place to fill in."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kiosk.words import po
from kiosk.words.catalogue import FIRST, built_in, sections
from kiosk.words.text import placeholders

ONE_FORM = "nplurals=1; plural=0;"
"""Vietnamese, Tày, Nùng, H'Mông, Dao, Thái, Lào, Khmer, Chinese: nouns do not change with their number."""
OTHERS = {
    "de": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}
"""Plural forms of languages that have them (GNU gettext's manual, "Plural forms")."""

NAMES = {
    "tyz": "Tày", "nut": "Nùng", "hmn": "H'Mông", "mww": "H'Mông Trắng", "hmv": "H'Mông", "ium": "Dao",
    "blt": "Thái",
}  # fmt: skip
"""What Vietnamese calls them, to begin with: whoever speaks the language knows its own name for itself."""
TAI_VIET = frozenset({"blt", "twh", "blt-Tavt", "twh-Tavt"})
"""Languages that may be written in Tai Viet."""

HEAD = """\
# Lời của trạm Góc Đọc. Mỗi chỗ: dòng "#." là câu tiếng Việt, câu dịch viết giữa hai dấu nháy sau msgstr.
# Chỗ nào chưa biết thì để trống: trạm nói câu ấy bằng tiếng Việt.
# {ngoặc nhọn} là chỗ trạm tự điền: giữ nguyên, đặt ở đâu trong câu cũng được.
# Người dịch là người nói tiếng ấy hằng ngày; máy dịch thì không. Dịch cho trẻ 4 đến 12 tuổi: ngắn, ấm áp.
#
# The station's words. Above each place stands the Vietnamese; what is left empty is said in Vietnamese.
"""


def plural_forms(code: str) -> str:
    """The Plural-Forms line of a language."""
    return OTHERS.get(code.partition("-")[0], ONE_FORM)


def catalogue_text(code: str) -> str:
    """An empty catalogue of a language."""
    forms, _ = po.plural_of({"plural-forms": plural_forms(code)})
    english = built_in("en").sentences
    lines = [
        HEAD + 'msgid ""', 'msgstr ""', f'"Language: {code}\\n"',
        '"Content-Type: text/plain; charset=UTF-8\\n"', '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {plural_forms(code)}\\n"',
    ]  # fmt: skip
    for section, messages in sections().items():
        lines += ["", f"# --- {section}"]
        for each in messages:
            lines += ["", f"#. {each.texts[-1]}"]
            if each.key in english:
                lines.append(f"#. ({english[each.key].forms[-1]})")
            lines += [f"#. {hint}" for hint in _hints(each)]
            lines.append(f"msgid {json.dumps(each.key)}")
            if each.counted:
                lines.append(f"msgid_plural {json.dumps(each.key)}")
                lines += [f'msgstr[{number}] ""' for number in range(forms)]
            else:
                lines.append('msgstr ""')
    return "\n".join(lines) + "\n"


def _hints(each: po.Message) -> Iterator[str]:
    if each.key.startswith("button."):
        yield "Nút bấm: nhiều nhất ba từ."
    names = [f"{{{name}}}" for name in sorted(placeholders(each.texts[-1]))]
    if names:
        yield f"Giữ nguyên {', '.join(names)}: trạm tự điền."


def language_text(code: str, name: str) -> str:
    """A language.toml to begin with."""
    face = "tai-viet" if code in TAI_VIET else "be-vietnam-pro"
    called = name or NAMES.get(code, code)
    return (
        f"# {code}: docs/languages.vi.md kể từng dòng nghĩa là gì.\n"
        f"name = {json.dumps(called, ensure_ascii=False)}  # tên tự gọi, hiện trên nút chọn tiếng\n"
        f'font = "{face}"  # be-vietnam-pro, tai-viet, hoặc tên một tệp .ttf đặt cạnh tệp này\n'
        f'voice = ""  # giọng của espeak-ng; "" là không có: chỉ nghe được câu đã ghi âm\n'
        f'falls_back_to = "{FIRST}"  # câu nào chưa dịch thì nói bằng tiếng này\n'
    )
