"""What a person may record for the station to say, in the order in which it is worth the time.

Names and titles cannot be recorded; the machine's voice reads them, or nobody does. What is said to
librarians is left to the machine's voice.
"""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.words.phrases import COUNTED, Phrases, Utterance, plain_keys
from kiosk.words.words import Words, languages

FOR_STAFF = frozenset(
    {"button.staff", "button.rub_out", "button.enter", "button.allow", "button.erase", "button.language"}
)
"""Buttons nobody records: librarians', and the one that bears another language's name."""

SHELVED = ("returned.where", "spoken.where")

SESSION: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Every visit",
        (
            "hello.greeting", "hello.none", "hello.home.#", "due.first", "lent.title.#", "due.until",
            "choose.title", "renewed.title", "returned.title", "rate.title", "goodbye.greeting",
            "goodbye.home.#", "goodbye.none", "take_things.*", "spoken.still", "ask_help.*",
        ),
    ),
    (
        "Sleeps and days",
        ("due.today", "due.late", "due.sleeps.#", "weekday.*", "spoken.day.#", "spoken.month.*"),
    ),
    ("Shelves", ("returned.where.#", "returned.where_many.#", "spoken.where.#")),
    (
        "When something is in the way",
        (
            "take_off.*", "put_back.*", "one_by_one.*", "one_card.*", "unknown_card.*", "unknown_book.*",
            "other_label.*", "spoken.other_label", "spoken.lift_book", "refused.*",
            "refused.too_many.detail.#", "refused.for_older.detail.#", "undone.title",
            "reader_out.*", "disk_full.*", "out.*",
        ),
    ),
    (
        "Read to me",
        (
            "spoken.choices", "spoken.or", "button.*", "spoken.help", "welcome.title", "spoken.welcome",
            "spoken.more_books", "spoken.stay", "goodbye.card", "offer.*", "info.what", "info.age.#",
            "spoken.author", "spoken.language.#",
        ),
    ),
    (
        "My booklet, faces, choosing",
        (
            "my_books.title", "my_passport.title", "my_passport.stamps.#", "my_passport.next.#",
            "spoken.badges", "badge.*", "returned.stamps.#", "returned.cheer.#", "my_way.title", "ease.*",
            "rate.great", "rate.fine", "rate.not_mine", "spoken.rate_no_need", "similar.title",
            "pick_language.title", "pick_class.title", "spoken.class", "pick_animal.title",
        ),
    ),
)  # fmt: skip
"""Groups of keys. `#` stands for every number, shelf or language, `*` for all keys that begin like this."""


def recordable(words: Words) -> tuple[tuple[str, tuple[Utterance, ...]], ...]:
    """Each group of sentences with their texts; every key once."""
    said: set[str] = set()
    groups = []
    for group, patterns in SESSION:
        found = [one for pattern in patterns for one in _meant(pattern, words)]
        fresh = {one.key: one for one in found if one.key not in said}
        said |= fresh.keys()
        groups.append((group, tuple(fresh.values())))
    return tuple(groups)


def _meant(pattern: str, words: Words) -> Iterator[Utterance]:
    say = Phrases(words)
    base = pattern[:-2]
    plain = plain_keys(words) - FOR_STAFF
    if pattern.endswith(".#") and base in SHELVED:
        yield from (say.on_shelf(base, key[6:]) for key in sorted(plain) if key.startswith("shelf."))
    elif base == "spoken.language":
        yield from map(say.language, languages())
    elif pattern.endswith(".#"):
        yield from (say.counted(base, number) for number in COUNTED[base])
    elif pattern.endswith(".*"):
        keys = [key for key in plain if key.startswith(pattern[:-1]) and not key.endswith(".short")]
        yield from map(say.fixed, sorted(keys, key=lambda key: (len(key), key)))
    else:
        yield say.fixed(pattern)
