"""A unit of work on the store: what the desk reads and writes in one go, as prepared Core statements.

Statements are built once, at import, so that SQLAlchemy compiles each a single time; what leaves here is
always a frozen value of kiosk.model.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Date,
    Executable,
    Select,
    Transaction,
    bindparam,
    delete,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from kiosk.facts import Fact, envelope
from kiosk.model import Announcement, Item, Loan, Now, Patron, Stamp, Wishes
from kiosk.ports import StoreError
from kiosk.store import reading
from kiosk.store.bounds import admitted
from kiosk.store.errors import store_error
from kiosk.store.order import class_order, name_order
from kiosk.store.similar import similar
from kiosk.store.tables import AnnouncementRow, ItemRow, LoanRow, OutboxRow, PatronRow, StampRow, TitleRow

_LEND = insert(LoanRow)
_SEEN = update(ItemRow).where(ItemRow.id == bindparam("of")).values(seen_on=bindparam("on"))
_END = delete(LoanRow).where(LoanRow.item_id == bindparam("key")).returning(LoanRow.patron_id)
_STAMP = update(PatronRow).where(PatronRow.id == bindparam("of")).values(stamps=PatronRow.stamps + 1)
_PASSPORT_STAMP = insert(StampRow).from_select(
    ["patron_id", "title_id", "shelf", "day"],
    select(PatronRow.id, TitleRow.id, TitleRow.shelf, bindparam("on", type_=Date))
    .select_from(PatronRow)
    .join(ItemRow, ItemRow.id == bindparam("item"))
    .join(TitleRow, TitleRow.id == ItemRow.title_id)
    .where(PatronRow.id == bindparam("of"), PatronRow.passport == true()),
)
_PASSPORT = (
    select(StampRow.title_id, StampRow.shelf, StampRow.day)
    .where(StampRow.patron_id == bindparam("key"))
    .order_by(StampRow.n)
)
_ALLOW = update(PatronRow).where(PatronRow.id == bindparam("of")).values(passport=bindparam("to"))
_ERASE = delete(StampRow).where(StampRow.patron_id == bindparam("of"))
_RENEW = (
    update(LoanRow)
    .where(LoanRow.item_id == bindparam("of"), LoanRow.patron_id == bindparam("by"))
    .values(due=bindparam("until"), renewals=bindparam("times"))
)
_LANGUAGE = update(PatronRow).where(PatronRow.id == bindparam("of")).values(language=bindparam("to"))
_WISHES = update(PatronRow).where(PatronRow.id == bindparam("of")).values(
    contrast=bindparam("has_contrast"), large=bindparam("is_large"),
    spoken=bindparam("is_spoken"), slow=bindparam("is_slow"),
)  # fmt: skip
_UNTELL = delete(AnnouncementRow).where(AnnouncementRow.source == bindparam("from"))
_TELL = insert(AnnouncementRow)
_TOLD = (
    select(
        AnnouncementRow.id, AnnouncementRow.text, AnnouncementRow.begins, AnnouncementRow.ends,
        AnnouncementRow.language, AnnouncementRow.picture,
    )
    .where(AnnouncementRow.begins <= bindparam("at"), AnnouncementRow.ends > bindparam("at"))
    .order_by(AnnouncementRow.ends, AnnouncementRow.id, AnnouncementRow.source)
)  # fmt: skip
_REPORT = insert(OutboxRow)
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(wall: datetime) -> int:
    """A moment as the tables keep it: milliseconds since 1970 in UTC."""
    return int(wall.timestamp() * 1000)


def moment(ms: int, zone: tzinfo | None) -> datetime:
    """The way back, told in a time zone."""
    return (_1970 + timedelta(milliseconds=ms)).astimezone(zone)


class StationTransaction:
    """Fits kiosk.ports.Transaction. Made by StationStore.begin; leaving it without `commit` rolls back."""

    def __init__(
        self,
        connection: Connection,
        begun: Transaction,
        now: Now,
        *,
        path: Path,
        kiosk: str,
        library: str,
        epoch: str,
        secret: bytes,
        next_seq: int,
        tight: bool = False,
        finished: Callable[[int | None], None],
    ) -> None:
        self._connection = connection
        self._begun = begun
        self._now = now
        self._path = path
        self._kiosk = kiosk
        self._library = library
        self._epoch = epoch
        self._secret = secret
        self._first_seq = next_seq
        self._tight = tight
        self._finished: Callable[[int | None], None] | None = finished
        self._broken = False
        self.next_seq = next_seq

    # --- reading ------------------------------------------------------------------------------------

    def patron_by_card(self, uid: str) -> Patron | None:
        """Whose card this is."""
        return self._patron(reading.PATRON_BY_CARD, self.digest(uid))

    def patron(self, patron_id: str) -> Patron | None:
        """A patron by the library's own number."""
        return self._patron(reading.PATRON_BY_ID, patron_id)

    def item_by_tag(self, uid: str) -> Item | None:
        """Which item carries this tag, with its title and its loan if it is out."""
        return self._item(reading.ITEM_BY_TAG, uid.upper())

    def item(self, item_id: str) -> Item | None:
        """An item by the library's own number."""
        return self._item(reading.ITEM_BY_ID, item_id)

    def items_at_home(self, patron_id: str) -> tuple[Item, ...]:
        """What this patron has out, soonest due first."""
        rows = self.run(reading.ITEMS_AT_HOME, {"key": patron_id}, "reading loans")
        return tuple(reading.to_item(row) for row in rows)

    def patron_by_barcode(self, code: str) -> Patron | None:
        """Whose printed card number this is."""
        return self._patron(reading.PATRON_BY_BARCODE, self.barcode_digest(code))

    def groups(self) -> tuple[str, ...]:
        """The school classes that somebody belongs to, in reading order."""
        found = self.run(reading.GROUPS, {}, "reading classes").scalars()
        return tuple(sorted(found, key=class_order))

    def children_of_group(self, group: str) -> tuple[Patron, ...]:
        """Everybody of a class, its teachers too, by nickname and then number."""
        return self._patrons(reading.PATRONS_OF_GROUP, group)

    def family_of(self, family: str) -> tuple[Patron, ...]:
        """The members of a family, by nickname and then number; none for ""."""
        return self._patrons(reading.PATRONS_OF_FAMILY, family)

    def passport(self, patron_id: str) -> tuple[Stamp, ...]:
        """The returns kept for a child, oldest first; none where they are not kept."""
        return tuple(Stamp(*row) for row in self.run(_PASSPORT, {"key": patron_id}, "reading a passport"))

    def similar(self, title_id: str, most: int) -> tuple[Item, ...]:
        """Items that stand on a shelf now and are like this title: one a title, the most alike first."""
        return similar(self.run, title_id, most)

    def announcements(self, now: Now) -> tuple[Announcement, ...]:
        """What is to be told at this moment, the one that ends soonest first."""
        zone = now.wall.tzinfo
        told = self.run(_TOLD, {"at": milliseconds(now.wall)}, "reading announcements")
        return tuple(
            Announcement(name, text, moment(begins, zone), moment(ends, zone), language, picture)
            for name, text, begins, ends, language, picture in told
        )

    # --- writing ------------------------------------------------------------------------------------

    def lend(self, loan: Loan) -> None:
        """Record a loan. Raises StoreError when the item is already out, or item or patron unknown."""
        values = {
            "item_id": loan.item_id,
            "patron_id": loan.patron_id,
            "lent_on": loan.lent_on,
            "due": loan.due,
            "renewals": loan.renewals,
        }
        try:
            self.run(_LEND, values, "lending")
        except StoreError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            if self.item(loan.item_id) is None:
                reason = "is not in the catalogue"
            elif self.patron(loan.patron_id) is None:
                reason = "cannot be lent to a patron who is not enrolled"
            else:
                reason = "is already out"
            raise StoreError(f"item {loan.item_id!r} {reason}; nothing was lent") from error
        self._seen(loan.item_id)

    def give_back(self, item_id: str, *, stamp: bool) -> None:
        """End the loan and forget it; the borrower earns a stamp when `stamp`.

        Where the family allows it, the return is also kept in the child's reading passport. Raises StoreError
        when the item is not out.
        """
        row = self.run(_END, {"key": item_id}, "taking back").one_or_none()
        if row is None:
            raise StoreError(f"item {item_id!r} is not out; there is nothing to take back")
        if stamp:
            self.run(_STAMP, {"of": row[0]}, "giving a stamp")
            stamped = {"of": row[0], "item": item_id, "on": self._now.today}
            self.run(_PASSPORT_STAMP, stamped, "stamping a passport")
        self._seen(item_id)

    def renew(self, loan: Loan) -> None:
        """Replace the loan's due date and renewal count. StoreError when that patron does not have it out."""
        values = {"of": loan.item_id, "by": loan.patron_id, "until": loan.due, "times": loan.renewals}
        if self.run(_RENEW, values, "renewing").rowcount != 1:
            raise StoreError(f"item {loan.item_id!r} is not out to this patron; there is nothing to renew")
        self._seen(loan.item_id)

    def set_language(self, patron_id: str, language: str) -> None:
        """Keep the screen language with the card."""
        self.run(_LANGUAGE, {"of": patron_id, "to": language}, "keeping the language")

    def set_wishes(self, patron_id: str, wishes: Wishes) -> None:
        """Keep how the screen should be with the card."""
        values = {
            "of": patron_id, "has_contrast": wishes.contrast, "is_large": wishes.large,
            "is_spoken": wishes.spoken, "is_slow": wishes.slow,
        }  # fmt: skip
        self.run(_WISHES, values, "keeping wishes")

    def allow_passport(self, patron_id: str, *, allowed: bool) -> None:
        """Keep this patron's returns from now on; or keep them no more and erase those that were kept."""
        self.run(_ALLOW, {"of": patron_id, "to": allowed}, "keeping what a family allows")
        if not allowed:
            self.run(_ERASE, {"of": patron_id}, "erasing a passport")

    def put_announcements(self, announcements: Iterable[Announcement], *, source: str = "station") -> None:
        """Replace all announcements of a source: those made here, or one of the centre's two lists."""
        self.run(_UNTELL, {"from": source}, "removing announcements")
        rows = [
            {
                "source": source, "id": one.id, "text": one.text, "begins": milliseconds(one.begins),
                "ends": milliseconds(one.ends), "language": one.language, "picture": one.picture,
            }
            for one in announcements
        ]  # fmt: skip
        if rows:
            self.run(_TELL, rows, "keeping announcements")

    def report(self, fact: Fact) -> None:
        """Write a fact into the outbox, in this transaction, with the next sequence number.

        The faults of a device that wobbles are only counted (bounds.py); every other fact is written.
        """
        for one in admitted(self.run, fact, self._now, tight=self._tight):
            self.write(one)

    def write(self, fact: Fact) -> None:
        """Write a fact as `report` does, whatever else was told of its device."""
        now = self._now
        made = envelope(
            fact, kiosk=self._kiosk, epoch=self._epoch, seq=self.next_seq, boot=now.boot, mono=now.mono,
            clock=now.quality.value, wall=now.wall, library=self._library,
        )  # fmt: skip
        values = {
            "seq": made.seq,
            "event_id": made.id,
            "cls": fact.cls,
            "payload": made.to_json(),
            "wall": milliseconds(now.wall),
            "mono": now.mono,
            "confirmed_at": None,
        }
        self.run(_REPORT, values, "reporting")
        self.next_seq += 1

    # --- the end ------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Make it durable. Raises StorageFull or StoreError; then nothing of it was kept."""
        finished = self._still_open()
        try:
            self._begun.commit()
        except DBAPIError as error:
            self._roll_back(sure=False)
            raise store_error(error, self._path, "committing") from error
        self._finished = None
        finished(self.next_seq)

    def __enter__(self) -> StationTransaction:
        return self

    def __exit__(self, *_: object) -> None:
        if self._finished is not None:
            self._roll_back(sure=not self._broken)

    def _roll_back(self, *, sure: bool) -> None:
        finished, self._finished = self._finished, None
        try:
            self._begun.rollback()
        except DBAPIError:
            sure = False  # closing the connection rolls back as well
        if finished is not None:
            finished(self._first_seq if sure else None)

    def _still_open(self) -> Callable[[int | None], None]:
        if self._finished is None:
            raise StoreError(f"{self._path}: this transaction is over; begin a new one")
        if self._broken:
            raise StoreError(f"{self._path}: this transaction has failed and keeps nothing; begin a new one")
        return self._finished

    # --- shared by what stands on a transaction ------------------------------------------------------

    def run(self, statement: Executable, values: Any, doing: str) -> CursorResult[*tuple[Any, ...]]:
        """Execute one statement of the store's own modules.

        Raises StorageFull or StoreError, saying `doing`. After a failing disk nothing more can be done in
        this transaction: SQLite may have rolled it back, and what followed would be half of it.
        """
        self._still_open()
        try:
            return self._connection.execute(statement, values)
        except DBAPIError as error:
            self._broken = not isinstance(error, IntegrityError)
            raise store_error(error, self._path, doing) from error

    def digest(self, uid: str) -> bytes:
        """What is kept of a card: HMAC-SHA-256 of its UID. A plain hash of 4 bytes is undone in seconds."""
        return hmac.digest(self._secret, uid.upper().encode(), hashlib.sha256)

    def barcode_digest(self, code: str) -> bytes:
        """What is kept of a printed card number; never the digest of a chip with the same digits."""
        return hmac.digest(self._secret, b"barcode:" + code.strip().encode(errors="replace"), hashlib.sha256)

    def _seen(self, item_id: str) -> None:
        self.run(_SEEN, {"of": item_id, "on": self._now.today}, "noting where a book was seen")

    def _item(self, statement: Select[*tuple[Any, ...]], key: str) -> Item | None:
        row = self.run(statement, {"key": key}, "reading an item").one_or_none()
        return None if row is None else reading.to_item(row)

    def _patron(self, statement: Select[*tuple[Any, ...]], key: str | bytes) -> Patron | None:
        row = self.run(statement, {"key": key}, "reading a patron").one_or_none()
        return None if row is None else reading.to_patron(row)

    def _patrons(self, statement: Select[*tuple[Any, ...]], key: str) -> tuple[Patron, ...]:
        if not key:  # whoever has no class or family is not one of its members
            return ()
        rows = self.run(statement, {"key": key}, "reading patrons")
        return tuple(sorted((reading.to_patron(row) for row in rows), key=name_order))
