"""What the rows of an import must not be: two owners of one number, or two children nobody can tell apart."""

from __future__ import annotations

from kiosk.imports.entries import Entry
from kiosk.imports.refusal import Mistakes
from kiosk.imports.sheet import plain
from kiosk.model import Item, Patron
from kiosk.store.collection import Collection
from kiosk.store.transaction import StationTransaction


def check_tags(
    collection: Collection, items: list[Entry[Item]], patrons: list[Entry[Patron]], mistakes: Mistakes
) -> None:
    """No tag of the files may stay on another item, or be a card as well."""
    rebound = {entry.value.id for entry in items if entry.uid}
    bound = {uid: item_id for uid, item_id in collection.tags().items() if item_id not in rebound}
    for entry in items:
        if entry.uid in bound:
            other = bound[entry.uid]
            mistakes.add(
                entry.path, entry.line, "tag", f"already bound to item {other!r}",
                "give that item another tag in the same file", entry.uid,
            )  # fmt: skip
    used = bound | {entry.uid: entry.value.id for entry in items if entry.uid}
    for patron in patrons:
        if patron.uid in used:
            mistakes.add(
                patron.path, patron.line, "card", f"is the tag of item {used[patron.uid]!r}",
                "give the patron another card",
            )  # fmt: skip


def check_cards(
    collection: Collection, items: list[Entry[Item]], patrons: list[Entry[Patron]], mistakes: Mistakes
) -> None:
    """No card of the files may stay with another patron, or be a book's tag as well. Never says whose."""
    given = {item.uid for item in items if item.uid} | {patron.uid for patron in patrons if patron.uid}
    recarded = {entry.value.id for entry in patrons if entry.uid}
    issued = {uid for uid, of in collection.cards_among(given).items() if of not in recarded}
    for patron in patrons:
        if patron.uid in issued:
            mistakes.add(
                patron.path, patron.line, "card", "is already another patron's card",
                "give the patron a fresh one",
            )  # fmt: skip
    for item in items:
        if item.uid in issued:
            mistakes.add(
                item.path, item.line, "tag", "is a library card", "use a tag made for books", item.uid
            )


def check_barcodes(
    collection: Collection, items: list[Entry[Item]], patrons: list[Entry[Patron]], mistakes: Mistakes
) -> None:
    """No printed card number may stay with another patron, or be an item's number as well."""
    given = {patron.barcode for patron in patrons if patron.barcode}
    renumbered = {patron.value.id for patron in patrons if patron.barcode}
    issued = {code for code, of in collection.barcodes_among(given).items() if of not in renumbered}
    books = (collection.item_ids() | {item.value.id for item in items}) if given else set()
    for patron in patrons:
        if patron.barcode in issued:
            mistakes.add(
                patron.path, patron.line, "barcode", "is already printed on another patron's card",
                "give the patron another number",
            )  # fmt: skip
        elif patron.barcode in books:
            mistakes.add(
                patron.path, patron.line, "barcode", "is the number of an item",
                "a scanner could not tell the card from the book; give the patron another number",
            )  # fmt: skip


def look_alikes(work: StationTransaction, patrons: list[Entry[Patron]]) -> tuple[str, ...]:
    """Warnings about those just put in: children nobody can tell apart, classes written in two ways."""
    lines = {entry.value.id: entry.line for entry in patrons}
    listed = {entry.value.group for entry in patrons}
    classes: dict[str, str] = {}  # the way each is written, by those enrolled before if they differ
    for group in sorted(work.groups(), key=lambda one: one in listed):
        classes.setdefault(plain(group).replace(" ", ""), group)
    taken: dict[tuple[str, str, str], Patron] = {}
    for group in listed:
        # Those enrolled before come first: what is new is what the warning is about.
        for member in sorted(work.children_of_group(group), key=lambda one: lines.get(one.id, 0)):
            taken.setdefault(_as_seen(member), member)
    warnings: list[str] = []
    for entry in patrons:
        patron, where = entry.value, f"{entry.path.name}:{entry.line}"
        if not patron.group:
            continue
        other = taken[_as_seen(patron)]
        if other.id != patron.id:
            same = f"line {lines[other.id]}" if other.id in lines else "a child enrolled before"
            warnings.append(
                f"{where}: nickname: in the class {patron.group!r} {same} has the same nickname and animal; "
                "without a card they cannot be told apart: give one of them another animal"
            )
        usual = classes[plain(patron.group).replace(" ", "")]
        if usual != patron.group:
            warnings.append(
                f"{where}: group: the class {patron.group!r} is also written {usual!r}, and is shown as two; "
                "write it in one way"
            )
    return tuple(warnings)


def _as_seen(patron: Patron) -> tuple[str, str, str]:
    """What a class sees of a child."""
    return patron.group, patron.nickname.casefold(), patron.animal
