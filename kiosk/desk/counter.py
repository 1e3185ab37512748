"""What is done with books at the desk: each act changes the store and writes its fact, in one transaction.

The functions take an open Transaction and answer with the visit as it will be once that transaction is
committed; whoever calls them commits, and only then believes them (law 1).
"""

from __future__ import annotations

from dataclasses import replace

from kiosk import facts, passport
from kiosk.desk.visit import Checkout, Kind, Outcome, Visit, as_book
from kiosk.events import CodeNames, Scanned, Tag
from kiosk.lending import No, check_out, overdue_days, renew
from kiosk.model import AgeBand, Item, Loan, Now, Patron, Rules
from kiosk.ports import Transaction
from kiosk.screens import Book


def home(tx: Transaction, patron: Patron) -> tuple[Book, ...]:
    """What the patron has at home, soonest due first."""
    return tuple(as_book(item, item.loan.due if item.loan else None) for item in tx.items_at_home(patron.id))


def take_back(tx: Transaction, item: Item, loan: Loan, now: Now) -> Book:
    """A book comes back, whoever brings it; whoever had it earns the stamp."""
    borrower = tx.patron(loan.patron_id)
    tx.give_back(item.id, stamp=True)
    tx.report(
        facts.Returned(
            item=item.id,
            title=item.title.id,
            ageband=borrower.band_on(now.today) if borrower else AgeBand.UNKNOWN,
            overdue_days=overdue_days(loan, now.today),
        )
    )
    return as_book(item)


def lend(
    tx: Transaction, visit: Visit, item: Item, tag: str, rules: Rules, now: Now
) -> tuple[Visit, Outcome]:
    """Lend one free item, or say why not."""
    answer = check_out(item, visit.patron, len(visit.at_home), rules, now.today)
    if isinstance(answer, No):
        return visit, refuse(tx, visit, item, tag, answer, now)
    tx.lend(answer)
    tx.report(
        facts.CheckedOut(
            item=item.id,
            title=item.title.id,
            ageband=visit.patron.band_on(now.today),
            due=answer.due.isoformat(),
        )
    )
    book = as_book(item, answer.due)
    visit = replace(
        visit,
        lent=(Checkout(book, now.mono), *visit.lent),
        at_home=home(tx, visit.patron),
    )
    return visit, Outcome(tag, Kind.LENT, book)


def refuse(tx: Transaction, visit: Visit, item: Item, tag: str, no: No, now: Now) -> Outcome:
    """A kind "no", counted with its reason."""
    tx.report(
        facts.Refused(
            reason=no.why,
            ageband=visit.patron.band_on(now.today),
            item=item.id,
            title=item.title.id,
        )
    )
    return Outcome(tag, Kind.REFUSED, as_book(item), no.why, no.detail)


def put_down(tx: Transaction, visit: Visit, tags: list[Tag], rules: Rules, now: Now) -> Visit:
    """Deal with tags just laid beside the card, each by its item's own state."""
    outcomes: list[Outcome] = []
    for tag in sorted(tags):
        visit, outcome = _deal_with(tx, visit, tx.item_by_tag(tag.uid), tag.uid, rules, now)
        outcomes.append(outcome)
    return visit.with_outcomes(outcomes)


def scan(tx: Transaction, visit: Visit, scanned: Scanned, rules: Rules, now: Now) -> Visit:
    """Deal with a book whose barcode was read: as if it had been laid down, but there is no tag to lift."""
    if scanned.names in {CodeNames.TITLE, CodeNames.PATRON}:
        return visit.with_outcomes([Outcome("", Kind.OTHER_LABEL)])
    visit, outcome = _deal_with(tx, visit, tx.item(scanned.code), "", rules, now)
    return visit.with_outcomes([outcome])


def _deal_with(
    tx: Transaction, visit: Visit, item: Item | None, tag: str, rules: Rules, now: Now
) -> tuple[Visit, Outcome]:
    """One book, by its item's own state."""
    if item is None:
        return visit, Outcome(tag, Kind.UNKNOWN)
    if item.loan is None:
        return lend(tx, visit, item, tag, rules, now)
    if item.loan.patron_id != visit.patron.id:
        return visit, Outcome(tag, Kind.OFFER, take_back(tx, item, item.loan, now))
    if any(one.book.item_id == item.id for one in visit.lent[:1]):
        # The newest loan put down again: show it with its undo, rather than ask to return it.
        return visit, Outcome(tag, Kind.LENT, visit.lent[0].book)
    return visit, Outcome(tag, Kind.CHOOSE, as_book(item, item.loan.due))


def bring_back(tx: Transaction, visit: Visit, asked: Outcome, now: Now) -> Visit:
    """The child chose to return its own book."""
    item = _item(tx, asked)
    if item is None or item.loan is None or item.loan.patron_id != visit.patron.id:
        return visit.answer(asked)  # already gone: nothing to do, and the screen goes on
    book = take_back(tx, item, item.loan, now)
    cheer = passport.cheer(visit.child.stamps, visit.child.stamps + 1)
    visit = replace(
        visit,
        returned=(book, *visit.returned),
        lent=tuple(one for one in visit.lent if one.book.item_id != item.id),
        stamps=visit.stamps + 1,
        at_home=home(tx, visit.patron),
    )
    return visit.answer(asked, Outcome(asked.uid, Kind.RETURNED, book, own=True, cheer=cheer))


def keep_longer(tx: Transaction, visit: Visit, asked: Outcome, rules: Rules, now: Now) -> Visit:
    """The child chose to keep its book longer."""
    item = _item(tx, asked)
    if item is None or item.loan is None or item.loan.patron_id != visit.patron.id:
        return visit.answer(asked)
    answer = renew(item.loan, visit.patron, rules, now.today)
    if isinstance(answer, No):
        return visit.answer(asked, refuse(tx, visit, item, asked.uid, answer, now))
    tx.renew(answer)
    tx.report(
        facts.Renewed(
            item=item.id,
            title=item.title.id,
            ageband=visit.patron.band_on(now.today),
            due=answer.due.isoformat(),
        )
    )
    visit = replace(visit, renewed=visit.renewed + 1, at_home=home(tx, visit.patron))
    return visit.answer(asked, Outcome(asked.uid, Kind.RENEWED, as_book(item, answer.due)))


def borrow_offered(tx: Transaction, visit: Visit, asked: Outcome, rules: Rules, now: Now) -> Visit:
    """The child wants the book that somebody else had."""
    item = _item(tx, asked)
    if item is None:
        return visit.answer(asked)
    visit, outcome = lend(tx, visit, item, asked.uid, rules, now)
    return visit.answer(asked, outcome)


def undo(tx: Transaction, visit: Visit, checkout: Checkout, now: Now) -> Visit:
    """Take the newest checkout back: it never was a loan, and no stamp is earned by it."""
    item = tx.item(checkout.book.item_id)
    rest = replace(visit, lent=tuple(one for one in visit.lent if one is not checkout))
    if item is None or item.loan is None or item.loan.patron_id != visit.patron.id:
        return rest
    tx.give_back(item.id, stamp=False)
    tx.report(facts.Undone(item=item.id, title=item.title.id, ageband=visit.patron.band_on(now.today)))
    book = as_book(item)
    # The book may still lie there: its tag keeps an outcome, or it would be lent again at once.
    tag = next((one.uid for one in visit.outcomes if one.book and one.book.item_id == item.id), "")
    others = tuple(one for one in visit.outcomes if not (tag and one.uid == tag))
    return replace(rest, outcomes=others, at_home=home(tx, visit.patron)).with_outcomes(
        [Outcome(tag, Kind.UNDONE, book)]
    )


def _item(tx: Transaction, asked: Outcome) -> Item | None:
    return tx.item(asked.book.item_id) if asked.book else None
