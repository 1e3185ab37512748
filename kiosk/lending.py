"""The lending rules, as pure functions that answer with a reason.

Every rule takes what it needs as an argument, the day included, and answers with the new loan or with a
`No`: why, and the number that explains it. There are no fines: a late book is welcomed like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from kiosk.model import Calendar, Item, ItemStatus, Loan, Patron, Rules
from kiosk.screens import Why

LONGEST_CLOSURE = 366
"""Days a closure may last before a due date stops moving: a wrong calendar must not loop for ever."""


@dataclass(frozen=True, slots=True)
class No:
    """A refusal and its reason; `detail` is the limit or age that the sentence needs."""

    why: Why
    detail: int = 0


def due_date(lent_on: date, days: int, calendar: Calendar) -> date:
    """The day a loan of `days` ends: never a closed one, the next open day instead."""
    due = lent_on + timedelta(days=days)
    for _ in range(LONGEST_CLOSURE):
        if not calendar.is_closed(due):
            return due
        due += timedelta(days=1)
    return due


def admit(patron: Patron, today: date) -> No | None:
    """Whether a card may be used at all today. Its last valid day still counts."""
    if patron.blocked:
        return No(Why.CARD_BLOCKED)
    if patron.expires is not None and today > patron.expires:
        return No(Why.CARD_EXPIRED)
    return None


def lendable(item: Item) -> No | None:
    """Whether this copy leaves the room at all, whoever asks."""
    if item.status is ItemStatus.REFERENCE:
        return No(Why.NOT_FOR_LOAN)
    if item.status is ItemStatus.WITHDRAWN:
        return No(Why.WITHDRAWN)
    return None


def check_out(item: Item, patron: Patron, at_home: int, rules: Rules, today: date) -> Loan | No:
    """Lend `item` to `patron`, who has `at_home` books out already.

    A patron whose age is not known gets any book: a missing birth year is the library's gap, not the
    child's fault, and a librarian sees it in the list of patrons.
    """
    refused = admit(patron, today) or lendable(item)
    if refused:
        return refused
    if item.loan is not None:
        return No(Why.ON_LOAN_TO_OTHER)
    age = patron.age_on(today)
    if age is not None and age < item.title.age_from:
        return No(Why.FOR_OLDER, item.title.age_from)
    policy = rules.policy_for(patron)
    if at_home >= policy.max_loans:
        return No(Why.TOO_MANY, policy.max_loans)
    return Loan(
        item_id=item.id,
        patron_id=patron.id,
        lent_on=today,
        due=due_date(today, policy.loan_days, rules.calendar),
    )


def renew(loan: Loan, patron: Patron, rules: Rules, today: date) -> Loan | No:
    """Keep a book longer, counted from today; a renewal never brings the due date forward."""
    refused = admit(patron, today)
    if refused:
        return refused
    policy = rules.policy_for(patron)
    if loan.renewals >= policy.max_renewals:
        return No(Why.NO_MORE_RENEWALS, policy.max_renewals)
    due = max(loan.due, due_date(today, policy.loan_days, rules.calendar))
    return replace(loan, due=due, renewals=loan.renewals + 1)


def overdue_days(loan: Loan, today: date) -> int:
    """How many days late the book is; 0 when it is not."""
    return max(0, (today - loan.due).days)
