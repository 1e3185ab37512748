"""What staff do to the collection: bind tags and cards, put the library's own lists in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import Insert, insert

from kiosk.facts import CardIssued, ItemEnrolled
from kiosk.model import Item, Now, Patron, Title
from kiosk.ports import StoreError
from kiosk.store.errors import TagTaken
from kiosk.store.reading import TITLE
from kiosk.store.tables import BarcodeRow, CardRow, ItemRow, PatronRow, TitleRow
from kiosk.store.transaction import StationTransaction

UID = re.compile(r"(?:[0-9A-F]{8}|[0-9A-F]{10}|[0-9A-F]{14}|E0[0-9A-F]{14}|[0-9A-F]{20})")
"""A verified tag's UID in upper-case hex: 4, 7 or 10 bytes (ISO 14443-3 section 6.5.4), 5 (EM4100), 8 with
E0h first (ISO 15693-3 section 4.1)."""

_TITLES = select(*TITLE).order_by(TitleRow.id)
_TAGS = select(ItemRow.tag, ItemRow.id).where(ItemRow.tag.is_not(None))
_CARDS = select(CardRow.digest, CardRow.patron_id)
_BARCODES = select(BarcodeRow.digest, BarcodeRow.patron_id)
_BIND = update(ItemRow).where(ItemRow.id == bindparam("of")).values(tag=bindparam("uid"))
_UNBIND = update(ItemRow).where(ItemRow.id == bindparam("of")).values(tag=None)
_END_CARD = delete(CardRow).where(CardRow.patron_id == bindparam("of"))
_END_BARCODE = delete(BarcodeRow).where(BarcodeRow.patron_id == bindparam("of"))
_OWN = ("stamps", "contrast", "large", "spoken", "slow", "passport")
"""Columns of a patron that belong to the child or its family: no list overwrites them."""


class Collection:
    """The staff's side of one transaction. The caller commits."""

    def __init__(self, work: StationTransaction) -> None:
        self._work = work

    def bind_item(self, item_id: str, uid: str) -> Item:
        """Bind the tag `uid` to an item, in place of the one it had, and report it.

        Raises TagTaken when the tag is another item's or a card, StoreError for an unknown item or a UID
        that is none.
        """
        uid = _checked(uid)
        item = self._work.item(item_id)
        if item is None:
            raise StoreError(f"item {item_id!r} is not in the catalogue; import it first")
        other = self._work.item_by_tag(uid)
        if other is not None and other.id != item_id:
            raise TagTaken(
                f"tag {uid} is already bound to item {other.id!r}, {other.title.name!r}; use another tag"
            )
        if self._work.patron_by_card(uid) is not None:
            raise TagTaken(f"tag {uid} is a library card; use a tag made for books")
        if other is None:
            self._work.run(_BIND, {"of": item_id, "uid": uid}, "binding a tag")
            self._work.report(ItemEnrolled(item=item_id, title=item.title.id))
        return item

    def bind_card(self, patron_id: str, uid: str, now: Now) -> Patron:
        """Give a patron the card `uid`; an earlier card of theirs is void from now on. Reports the issue.

        Raises TagTaken when it is somebody else's card or a book's tag, StoreError for an unknown patron or
        a UID that is none. No message says whose card it is.
        """
        uid = _checked(uid)
        patron = self._work.patron(patron_id)
        if patron is None:
            raise StoreError("there is no patron with that number; import the patron first")
        item = self._work.item_by_tag(uid)
        if item is not None:
            raise TagTaken(f"tag {uid} is bound to item {item.id!r}, {item.title.name!r}; use a card")
        owner = self._work.patron_by_card(uid)
        if owner is not None and owner.id != patron_id:
            raise TagTaken("this is already another patron's card; use a fresh one")
        if owner is None:
            self._work.run(_END_CARD, {"of": patron_id}, "ending a card")
            self._put(CardRow, [{"digest": self._work.digest(uid), "patron_id": patron_id}], "digest")
            self._work.report(CardIssued(ageband=patron.band_on(now.today).value))
        return patron

    def titles(self) -> tuple[Title, ...]:
        """Every title, by id."""
        return tuple(Title(*tuple(row)) for row in self._work.run(_TITLES, {}, "reading titles"))

    def item_ids(self) -> frozenset[str]:
        """Every item's number."""
        return frozenset(row[0] for row in self._work.run(select(ItemRow.id), {}, "reading items"))

    def tags(self) -> dict[str, str]:
        """Which item carries which tag."""
        return {row[0]: row[1] for row in self._work.run(_TAGS, {}, "reading tags")}

    def cards_among(self, uids: Iterable[str]) -> dict[str, str]:
        """Those of `uids` that are library cards, with their patron's number."""
        cards = {row[0]: row[1] for row in self._work.run(_CARDS, {}, "reading cards")}
        digests = ((uid, self._work.digest(uid)) for uid in uids)
        return {uid: cards[digest] for uid, digest in digests if digest in cards}

    def barcodes_among(self, codes: Iterable[str]) -> dict[str, str]:
        """Those of `codes` that are printed card numbers, with their patron's number."""
        barcodes = {row[0]: row[1] for row in self._work.run(_BARCODES, {}, "reading barcodes")}
        digests = ((code, self._work.barcode_digest(code)) for code in codes)
        return {code: barcodes[digest] for code, digest in digests if digest in barcodes}

    def put_titles(self, titles: Iterable[Title], *, keep: Iterable[str] = ()) -> None:
        """Insert titles, or bring those already there up to date but for the columns in `keep`."""
        rows = [
            {
                "id": title.id, "name": title.name, "author": title.author, "language": title.language,
                "age_from": title.age_from, "shelf": title.shelf, "motif": title.motif,
                "about": title.about,
            }
            for title in titles
        ]  # fmt: skip
        self._put(TitleRow, rows, "id", keep=tuple(keep))

    def put_items(self, items: Iterable[tuple[Item, str | None]]) -> None:
        """Insert items with their tags, or bring those already there up to date. None: the tag stays."""
        listed = list(items)
        rows = [
            {
                "id": item.id,
                "title_id": item.title.id,
                "status": item.status.value,
                "tag": None,
                "seen_on": None,
            }
            for item, _ in listed
        ]
        self._put(ItemRow, rows, "id", keep=("tag", "seen_on"))
        tagged = [{"of": item.id, "uid": tag} for item, tag in listed if tag is not None]
        if tagged:
            # Two items of the list may change tags with each other: all are freed before any is bound.
            self._work.run(_UNBIND, [{"of": row["of"]} for row in tagged], "freeing tags")
            self._work.run(_BIND, tagged, "binding tags")

    def put_patrons(self, patrons: Iterable[tuple[Patron, str | None]], *, keep: Iterable[str] = ()) -> None:
        """Insert patrons with their cards, or bring those already there up to date.

        A card of None stays as it is; stamps, wishes, and a language chosen at the screen, are the child's
        own, and what the family allows is changed by `allow_passport` only. `keep` names further columns
        that stay: "group_code" and "family" where a list does not have them.
        """
        listed = list(patrons)
        rows = [
            {
                "id": patron.id, "nickname": patron.nickname, "animal": patron.animal,
                "category": patron.category, "birth_year": patron.birth_year, "expires": patron.expires,
                "blocked": patron.blocked, "language": patron.language, "stamps": patron.stamps,
                "group_code": patron.group, "family": patron.family, "passport": patron.passport,
                "contrast": patron.wishes.contrast, "large": patron.wishes.large,
                "spoken": patron.wishes.spoken, "slow": patron.wishes.slow,
            }
            for patron, _ in listed
        ]  # fmt: skip
        self._put(PatronRow, rows, "id", keep=(*_OWN, *keep), keep_when_empty=("language",))
        carded = [(patron.id, card) for patron, card in listed if card is not None]
        if carded:
            self._work.run(_END_CARD, [{"of": patron_id} for patron_id, _ in carded], "ending cards")
            cards = [{"digest": self._work.digest(card), "patron_id": of} for of, card in carded]
            self._put(CardRow, cards, "digest")

    def put_barcodes(self, barcodes: Iterable[tuple[str, str]]) -> None:
        """Give patrons, by their number, a printed card number in place of the one they had."""
        listed = list(barcodes)
        if listed:
            # Two patrons of the list may change numbers with each other: all are freed first.
            self._work.run(_END_BARCODE, [{"of": patron_id} for patron_id, _ in listed], "ending barcodes")
            rows = [{"digest": self._work.barcode_digest(code), "patron_id": of} for of, code in listed]
            self._put(BarcodeRow, rows, "digest")

    def _put(
        self,
        mapping: type[TitleRow | ItemRow | PatronRow | CardRow | BarcodeRow],
        rows: Sequence[Mapping[str, object]],
        key: str,
        *,
        keep: tuple[str, ...] = (),
        keep_when_empty: tuple[str, ...] = (),
    ) -> None:
        if not rows:
            return
        statement: Insert = insert(mapping)
        fresh: Mapping[str, object] = {
            column.name: func.coalesce(func.nullif(statement.excluded[column.name], ""), column)
            if column.name in keep_when_empty
            else statement.excluded[column.name]
            for column in mapping.__table__.columns
            if column.name != key and column.name not in keep
        }
        upsert = statement.on_conflict_do_update(index_elements=[key], set_=fresh)
        self._work.run(upsert, rows, f"putting {mapping.__tablename__} in")


def _checked(uid: str) -> str:
    upper = uid.upper()
    if not UID.fullmatch(upper):
        raise StoreError(f"{uid[:40]!r} is not a tag's UID; 8, 10, 14, 16 or 20 hex digits were expected")
    return upper
