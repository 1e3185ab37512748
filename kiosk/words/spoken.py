"""What is said aloud: for every screen a short prompt, and the whole of it for whoever asks.

A child that cannot read or see gets from here everything the screen says, in the order it matters: what
happened, to which book, what can be done now. A sentence with a key may be spoken by a recording of that
name; without one, or with a name in it that no recording holds, a machine's voice stands in. Of a child
nothing is said but its nickname; its books read only on its own passport page, and only when asked for.
"""

from __future__ import annotations

from datetime import date

from kiosk import screens as views
from kiosk.screens import Book, Child, Screen
from kiosk.words.phrases import Phrases, Utterance
from kiosk.words.words import Words

__all__ = ["Utterance", "named", "pointed_at", "prompt", "whole"]

Said = tuple[Utterance, ...]
Choice = Utterance | str
"""A thing to choose: the key of its button, or its name."""

_HEADLINES: dict[type, tuple[str, ...]] = {
    views.TakeBooksOff: ("take_off.title", "take_off.hint"),
    views.OneByOne: ("one_by_one.title", "one_by_one.hint"),
    views.OneCard: ("one_card.title", "one_card.hint"),
    views.UnknownCard: ("unknown_card.title", "unknown_card.hint"),
    views.UnknownBook: ("unknown_book.title", "unknown_book.hint"),
    views.OtherLabel: ("other_label.title",),
    views.AskHelp: ("ask_help.title", "ask_help.hint"),
    views.ReaderOut: ("reader_out.title", "reader_out.hint"),
    views.DiskFull: ("disk_full.title", "disk_full.hint"),
    views.OutOfOrder: ("out.title", "out.hint"),
    views.PickLanguage: ("pick_language.title",),
    views.PickClass: ("pick_class.title",),
    views.PickAnimal: ("pick_animal.title",),
    views.MyBooks: ("my_books.title",),
    views.MyPassport: ("my_passport.title",),
    views.MyWay: ("my_way.title",),
    views.Similar: ("similar.title",),
}
"""Screens that say the same to everybody. OutOfOrder's note is for a librarian's eyes."""


def prompt(screen: Screen, words: Words) -> Said:
    """What is said when a screen comes: its headline and what matters now; nothing on Welcome."""
    say = Phrases(words)
    match screen:
        case views.Welcome():
            return ()
        case views.Hello(child, at_home, today):
            return (
                say.fixed("hello.greeting"),
                *_name(child, say),
                *(_at_home("hello.home", at_home, say, today) or (say.fixed("hello.none"),)),
            )
        case views.Lent(_, books, today):
            return (say.counted("lent.title", len(books)), *_lent(books[0], say, today))
        case views.Undone(_, book):
            return (say.fixed("undone.title"), *say.title(book), say.to_shelf(book))
        case views.Choose(_, book, today):
            sleeps = () if book.due is None else (say.sleeps(book.due, today),)
            return (say.fixed("choose.title"), *say.title(book), *sleeps)
        case views.Renewed(_, book, today):
            return (say.fixed("renewed.title"), *_lent(book, say, today))
        case views.Returned(books, child):
            thanks = (say.fixed("returned.title"), *_name(child, say), *_cheered(screen, say))
            return (*thanks, *_to_shelves(books, say))
        case views.Rate(book):
            return (say.fixed("rate.title"), *say.title(book))
        case views.Offer(_, book):
            return (say.fixed("offer.title"), *say.title(book))
        case views.BookInfo(book=book):
            return (*say.title(book), *_card_wanted(screen, say))
        case views.Refused():
            return (say.fixed(f"refused.{screen.why}"), _remedy(screen, say))
        case views.PutBack(book):
            return (say.fixed("put_back.title"), *say.title(book), say.fixed("put_back.hint"))
        case views.StillThere(child):
            return (*say.call(child.nickname), say.fixed("spoken.still"))
        case views.Goodbye(child=child, at_home=at_home, today=today):
            first = _by_day(at_home)[:1]  # no title: it would not be over before the screen is
            dues = tuple(say.sleeps(book.due, today) for book in first if book.due)
            more = say.all(("due.first",) * len(dues)) if at_home else say.all(("goodbye.none",))
            return (say.fixed("goodbye.greeting"), *_name(child, say), *more, *dues)
        case views.TakeYourThings(card, books):
            which = "both" if card and books else "books" if books else "card"
            return (say.fixed(f"take_things.{which}"),)
        case views.StaffPin(wrong=wrong, locked=locked):
            refused = ("staff_pin.locked",) if locked else ("staff_pin.wrong",) if wrong else ()
            return say.all(("staff_pin.title", *refused))
        case views.StaffHealth(devices):
            broken = [line.device for line in devices if not line.good]
            return tuple(map(say.device, broken)) or (say.fixed("staff_health.all_good"),)
    return say.all(_HEADLINES[type(screen)])


def whole(screen: Screen, words: Words) -> Said:
    """Everything the screen says, then what can be chosen in the order of the keys, and where help is."""
    say = Phrases(words)
    told, choices = _told(screen, say), say.choices(_choices(screen, say))
    match screen:
        case views.StaffPin() | views.StaffHealth():
            return (*told, *choices[1:])  # without the sentence that tells a child to press
        case views.AskHelp():
            return (*told, *choices)
    return (*told, *choices, say.fixed("spoken.help"))


def named(choice_key: str, words: Words) -> Utterance:
    """What a thing that can be touched is called: by its button's key, or by the name that stands on it."""
    return Phrases(words).named(choice_key)


def pointed_at(screen: Screen | None, choice_key: str, words: Words) -> Said:
    """A thing that can be touched, and whether it is on or off where it is one of these; nothing for none."""
    say = Phrases(words)
    name = say.named(choice_key)
    if not name.text:
        return ()
    if isinstance(screen, views.MyWay) and name.key.startswith("ease."):
        on = name.key.removeprefix("ease.") in screen.on
        return (name, say.fixed("ease.on" if on else "ease.off"))
    return (name,)


def _told(screen: Screen, say: Phrases) -> Said:
    """Everything but the choices; of most screens it is the prompt and what is beside it."""
    short = prompt(screen, say.words)
    match screen:
        case views.Welcome(news):
            return (*say.all(("welcome.title", "spoken.welcome")), *say.outside(news))
        case views.Hello(_, at_home, today):
            now = (say.fixed("hello.none"),) if at_home else ()
            return (*short, *_all_at_home(at_home, say, today), *now)
        case views.Lent(_, books, today):
            return (*short, *say.listed(books[1:], today), say.fixed("spoken.more_books"))
        case views.Choose(_, book, today):
            return (say.fixed("choose.title"), *_lent(book, say, today))
        case views.Returned(books, child, stamps):
            thanks = (say.fixed("returned.title"), *_name(child, say), *_cheered(screen, say))
            stars = (say.counted("returned.stamps", stamps),) if stamps > 0 else ()
            carry = (part for book in books for part in (*say.title(book), say.to_shelf(book)))
            return (*thanks, *stars, *carry)
        case views.Rate():
            return (*short, say.fixed("spoken.rate_no_need"))
        case views.Offer(_, book):
            return (say.fixed("offer.title"), *_described(book, say), say.fixed("offer.hint"))
        case views.BookInfo(book, about):
            stands = (say.stands_on(book),) if screen.child or screen.opened else ()
            return (*_described(book, say), *say.outside(about), *stands, *_card_wanted(screen, say))
        case views.Similar(_, books):
            return (*short, *(part for book in books for part in (*say.title(book), say.stands_on(book))))
        case views.MyBooks(_, books, today):
            return (*short, *(say.listed(books, today) or (say.fixed("hello.none"),)))
        case views.MyPassport(child=child, badges=badges, kept=kept, next_cheer=next_cheer):
            read = (say.counted("my_passport.stamps", child.stamps),) if child.stamps > 0 else ()
            earned = say.all(("spoken.badges", *(f"badge.{badge}" for badge in badges)))
            shown = earned if kept and badges else ()
            return (*short, *read, say.counted("my_passport.next", next_cheer), *shown)
        case views.MyWay():
            return (*short, *_eases(screen, say))
        case views.Refused(book=book, child=child):
            lift = (say.fixed("spoken.lift_book"),) if book and child else ()
            title = say.title(book) if book else ()
            return (short[0], *title, *short[1:], *lift)
        case views.OtherLabel():
            return (*short, say.fixed("spoken.other_label"))
        case views.UnknownBook(child) if child:
            return (*short, say.fixed("spoken.lift_book"))
        case views.StillThere():
            return (*short, say.fixed("spoken.stay"))
        case views.Goodbye(at_home=at_home, today=today):
            home = (say.counted("goodbye.home", len(at_home)),) if at_home else ()
            listed = say.listed(_by_day(at_home), today)
            return (*short, say.fixed("goodbye.card"), *home, *listed)
        case views.StaffHealth():
            return _health(screen, say)
    return short


def _choices(screen: Screen, say: Phrases) -> tuple[Choice, ...]:
    """What can be chosen here, in reading order; help and Chíp are everywhere and not among them."""
    match screen:
        case views.Welcome(cardless=cardless, languages=languages):
            others = [language for language in languages if language != say.words.language]
            more: tuple[Choice, ...] = (say.language(others[0]),) if len(others) == 1 else ()
            if len(others) > 1:
                more = ("pick_language.title",)
            return (*(("button.cardless",) if cardless else ()), *more)
        case views.PickLanguage(languages):
            return (*map(say.language, languages), "button.back")
        case views.PickClass(classes, _, pages):
            return (
                *(part for name in classes for part in say.school_class(name)),
                *_turn(pages),
                "button.back",
            )
        case views.PickAnimal(children, _, _, pages):
            names = (name for child in children for name in _name(child, say))
            return (*names, *_turn(pages), "button.back")
        case views.Hello():
            return ("button.mine", "button.done")
        case views.MyBooks(pages=pages) | views.MyPassport(pages=pages) | views.MyWay(pages=pages):
            return (*_turn(pages), "button.back")
        case views.Lent(can_undo=can_undo):
            return ("button.undo", "button.done") if can_undo else ("button.done",)
        case views.Choose():
            return ("button.return", "button.keep", "button.done_short")
        case views.Rate(_, child):
            faces = tuple(f"rate.{liked}" for liked in views.Liked)
            return (*faces, "button.done") if child else faces
        case views.Offer():
            return ("button.not_now", "button.borrow")
        case views.BookInfo(similar=similar):
            back = ("button.back",) if screen.child or screen.opened else ()
            return (*(("button.similar",) if similar else ()), *back)
        case views.StillThere():
            return ("button.done", "button.still_here")
        case views.Similar() | views.AskHelp():
            return ("button.back",)
        case views.TakeBooksOff() | views.Undone() | views.Renewed() | views.Returned() | views.Refused():
            return ("button.done",)
        case views.UnknownBook(child) | views.OtherLabel(child):
            return ("button.done",) if child else ()
        case views.ReaderOut():
            return ("button.staff",)
        case views.StaffPin():
            return ("button.rub_out", "button.enter", "button.back")
        case views.StaffHealth():
            return ("button.done_short",)
    return ()


def _lent(book: Book, say: Phrases, today: date) -> Said:
    return (*say.title(book), *say.until(book, today))


def _turn(pages: int) -> tuple[str, ...]:
    return ("button.page",) if pages > 1 else ()


def _name(child: Child | None, say: Phrases) -> Said:
    return say.outside(child.nickname) if child else ()


def _at_home(key: str, books: tuple[Book, ...], say: Phrases, today: date) -> Said:
    """How many are at home, and the one that comes back first; nothing where there is none."""
    if not books:
        return ()
    first = tuple(book for book in _by_day(books)[:1] if book.due)
    return (say.counted(key, len(books)), *say.all(("due.first",) * len(first)), *say.listed(first, today))


def _all_at_home(books: tuple[Book, ...], say: Phrases, today: date) -> Said:
    """The day of the first one, and the others."""
    ordered = _by_day(books)
    if not ordered:
        return ()
    first, *others = ordered
    day = say.day(first.due) if first.due and first.due > today else ()
    return (*day, *say.listed(others, today))


def _by_day(books: tuple[Book, ...]) -> tuple[Book, ...]:
    return tuple(sorted(books, key=lambda book: book.due or date.max))


def _described(book: Book, say: Phrases) -> Said:
    age = say.age(book.age_from)
    return (*say.title(book), *say.author(book), *age)


def _cheered(screen: views.Returned, say: Phrases) -> Said:
    return (say.counted("returned.cheer", screen.cheer),) if screen.cheer else ()


def _to_shelves(books: tuple[Book, ...], say: Phrases) -> Said:
    if len({book.shelf for book in books}) > 1:
        return (say.counted("returned.where_many", len(books)),)
    return tuple(map(say.to_shelf, books[:1]))


def _card_wanted(screen: views.BookInfo, say: Phrases) -> Said:
    return () if screen.child or screen.opened else (say.fixed("info.what"),)


def _remedy(screen: views.Refused, say: Phrases) -> Utterance:
    key = f"refused.{screen.why}"
    if screen.detail > 0 and screen.why in {views.Why.TOO_MANY, views.Why.FOR_OLDER}:
        return say.counted(f"{key}.detail", screen.detail)
    return say.fixed(f"{key}.hint")


def _eases(screen: views.MyWay, say: Phrases) -> Said:
    """Each wish and whether it is on, then the language it would change to."""
    parts: list[Utterance] = []
    for ease in views.Ease:
        if ease is views.Ease.LANGUAGE:
            if screen.next_language:
                parts += [say.fixed("ease.language"), say.language(screen.next_language)]
        elif ease is not views.Ease.SPOKEN or screen.can_speak:
            parts += say.all((f"ease.{ease}", "ease.on" if ease in screen.on else "ease.off"))
    return tuple(parts)


def _health(screen: views.StaffHealth, say: Phrases) -> Said:
    """Each broken device with its remedy, the good ones by name, and what lies on the pad."""
    parts: list[Utterance] = []
    for line in screen.devices:
        if not line.good:
            parts += [say.device(line.device), say.fixed("state.bad"), say.remedy(line.device)]
    good = [say.device(line.device) for line in screen.devices if line.good]
    if good:
        parts += [*good, say.fixed("state.good")] if parts else [say.fixed("staff_health.all_good")]
    return (*parts, *say.tag(screen.tag))
