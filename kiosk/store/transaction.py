"""A unit of work on the store: what the desk reads and writes in one go, as prepared Core statements.

Statements are built once, at import, so that SQLAlchemy compiles each a single time; what leaves here is
always a frozen value of kiosk.model.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Executable,
    Row,
    Select,
    Transaction,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from kiosk.facts import Fact, envelope
from kiosk.model import Item, ItemStatus, Loan, Now, Patron, Title
from kiosk.ports import StoreError
from kiosk.store.errors import store_error
from kiosk.store.tables import CardRow, ItemRow, LoanRow, OutboxRow, PatronRow, TitleRow

_TITLE = (
    TitleRow.id, TitleRow.name, TitleRow.author, TitleRow.language,
    TitleRow.age_from, TitleRow.shelf, TitleRow.motif,
)  # fmt: skip
_ITEMS = (
    select(
        ItemRow.id.label("item_id"), ItemRow.status,
        LoanRow.patron_id, LoanRow.lent_on, LoanRow.due, LoanRow.renewals,
        *_TITLE,
    )
    .join(TitleRow, TitleRow.id == ItemRow.title_id)
    .outerjoin(LoanRow, LoanRow.item_id == ItemRow.id)
)  # fmt: skip
_ITEM_BY_TAG = _ITEMS.where(ItemRow.tag == bindparam("key"))
_ITEM_BY_ID = _ITEMS.where(ItemRow.id == bindparam("key"))
_ITEMS_AT_HOME = _ITEMS.where(LoanRow.patron_id == bindparam("key")).order_by(LoanRow.due, ItemRow.id)
_PATRONS = select(
    PatronRow.id, PatronRow.nickname, PatronRow.animal, PatronRow.category, PatronRow.birth_year,
    PatronRow.expires, PatronRow.blocked, PatronRow.language, PatronRow.stamps,
)  # fmt: skip
_PATRON_BY_ID = _PATRONS.where(PatronRow.id == bindparam("key"))
_PATRON_BY_CARD = _PATRONS.join(CardRow).where(CardRow.digest == bindparam("key"))
_LEND = insert(LoanRow)
_SEEN = update(ItemRow).where(ItemRow.id == bindparam("of")).values(seen_on=bindparam("on"))
_END = delete(LoanRow).where(LoanRow.item_id == bindparam("key")).returning(LoanRow.patron_id)
_STAMP = update(PatronRow).where(PatronRow.id == bindparam("of")).values(stamps=PatronRow.stamps + 1)
_RENEW = (
    update(LoanRow)
    .where(LoanRow.item_id == bindparam("of"), LoanRow.patron_id == bindparam("by"))
    .values(due=bindparam("until"), renewals=bindparam("times"))
)
_LANGUAGE = update(PatronRow).where(PatronRow.id == bindparam("of")).values(language=bindparam("to"))
_REPORT = insert(OutboxRow)


def milliseconds(wall: datetime) -> int:
    """A moment as the outbox keeps it: milliseconds since 1970 in UTC."""
    return int(wall.timestamp() * 1000)


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
        self._finished: Callable[[int | None], None] | None = finished
        self._broken = False
        self.next_seq = next_seq

    # --- reading ------------------------------------------------------------------------------------

    def patron_by_card(self, uid: str) -> Patron | None:
        """Whose card this is."""
        return self._patron(_PATRON_BY_CARD, self.digest(uid))

    def patron(self, patron_id: str) -> Patron | None:
        """A patron by the library's own number."""
        return self._patron(_PATRON_BY_ID, patron_id)

    def item_by_tag(self, uid: str) -> Item | None:
        """Which item carries this tag, with its title and its loan if it is out."""
        return self._item(_ITEM_BY_TAG, uid.upper())

    def item(self, item_id: str) -> Item | None:
        """An item by the library's own number."""
        return self._item(_ITEM_BY_ID, item_id)

    def items_at_home(self, patron_id: str) -> tuple[Item, ...]:
        """What this patron has out, soonest due first."""
        return tuple(_to_item(row) for row in self.run(_ITEMS_AT_HOME, {"key": patron_id}, "reading loans"))

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

        Raises StoreError when it is not out.
        """
        row = self.run(_END, {"key": item_id}, "taking back").one_or_none()
        if row is None:
            raise StoreError(f"item {item_id!r} is not out; there is nothing to take back")
        if stamp:
            self.run(_STAMP, {"of": row[0]}, "giving a stamp")
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

    def report(self, fact: Fact) -> None:
        """Write a fact into the outbox, in this transaction, with the next sequence number."""
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

    def _seen(self, item_id: str) -> None:
        self.run(_SEEN, {"of": item_id, "on": self._now.today}, "noting where a book was seen")

    def _item(self, statement: Select[*tuple[Any, ...]], key: str) -> Item | None:
        row = self.run(statement, {"key": key}, "reading an item").one_or_none()
        return None if row is None else _to_item(row)

    def _patron(self, statement: Select[*tuple[Any, ...]], key: str | bytes) -> Patron | None:
        row = self.run(statement, {"key": key}, "reading a patron").one_or_none()
        return None if row is None else Patron(*row)


def _to_item(row: Row[*tuple[Any, ...]]) -> Item:
    item_id, status, patron_id, lent_on, due, renewals, *title = row
    loan = None if patron_id is None else Loan(item_id, patron_id, lent_on, due, renewals)
    return Item(item_id, Title(*title), ItemStatus(status), loan)
