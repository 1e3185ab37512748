"""How titles, items and patrons are read: statements built once, at import, and what their rows become.

What leaves here is always a frozen value of kiosk.model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, bindparam, select

from kiosk.model import Item, ItemStatus, Loan, Patron, Title, Wishes
from kiosk.store.tables import BarcodeRow, CardRow, ItemRow, LoanRow, PatronRow, TitleRow

TITLE = (
    TitleRow.id, TitleRow.name, TitleRow.author, TitleRow.language,
    TitleRow.age_from, TitleRow.shelf, TitleRow.motif, TitleRow.about,
)  # fmt: skip
ITEMS = (
    select(
        ItemRow.id.label("item_id"), ItemRow.status,
        LoanRow.patron_id, LoanRow.lent_on, LoanRow.due, LoanRow.renewals,
        *TITLE,
    )
    .join(TitleRow, TitleRow.id == ItemRow.title_id)
    .outerjoin(LoanRow, LoanRow.item_id == ItemRow.id)
)  # fmt: skip
ITEM_BY_TAG = ITEMS.where(ItemRow.tag == bindparam("key"))
ITEM_BY_ID = ITEMS.where(ItemRow.id == bindparam("key"))
ITEMS_AT_HOME = ITEMS.where(LoanRow.patron_id == bindparam("key")).order_by(LoanRow.due, ItemRow.id)

PATRONS = select(
    PatronRow.id, PatronRow.nickname, PatronRow.animal, PatronRow.category, PatronRow.birth_year,
    PatronRow.expires, PatronRow.blocked, PatronRow.language, PatronRow.stamps, PatronRow.group_code,
    PatronRow.family, PatronRow.contrast, PatronRow.large, PatronRow.spoken, PatronRow.slow,
    PatronRow.passport,
)  # fmt: skip
PATRON_BY_ID = PATRONS.where(PatronRow.id == bindparam("key"))
PATRON_BY_CARD = PATRONS.join(CardRow).where(CardRow.digest == bindparam("key"))
PATRON_BY_BARCODE = PATRONS.join(BarcodeRow).where(BarcodeRow.digest == bindparam("key"))
PATRONS_OF_GROUP = PATRONS.where(PatronRow.group_code == bindparam("key"))
PATRONS_OF_FAMILY = PATRONS.where(PatronRow.family == bindparam("key"))
GROUPS = select(PatronRow.group_code).where(PatronRow.group_code != "").distinct()


def to_item(row: Row[*tuple[Any, ...]]) -> Item:
    """An item from a row of ITEMS."""
    item_id, status, patron_id, lent_on, due, renewals, *title = row
    loan = None if patron_id is None else Loan(item_id, patron_id, lent_on, due, renewals)
    return Item(item_id, Title(*title), ItemStatus(status), loan)


def to_patron(row: Row[*tuple[Any, ...]]) -> Patron:
    """A patron from a row of PATRONS."""
    *known, contrast, large, spoken, slow, passport = row
    return replace(Patron(*known), wishes=Wishes(contrast, large, spoken, slow), passport=passport)
