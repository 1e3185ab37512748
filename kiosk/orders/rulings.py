"""The lending rules of this station: the centre's own for it, the centre's for all, those of the settings."""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk import facts
from kiosk.model import Calendar, Now, Policy, Rules
from kiosk.policy import (
    KEPT,
    NONE,
    REFUSED,
    Limits,
    PolicyAnswer,
    PolicyDocument,
    PolicyError,
    parse_policy,
)
from kiosk.store import StationStore
from kiosk.store.incoming import Incoming

log = logging.getLogger(__name__)

SOURCES = ("own", "all")
"""The first that is there is what counts."""


def key_of(source: str) -> str:
    """Where a document is kept."""
    return f"policy.{source}"


def rules_of(document: PolicyDocument) -> Rules:
    """The model's own rules."""
    return Rules(
        default=_policy(document.default),
        policies={name: _policy(limits) for name, limits in document.categories.items()},
        calendar=Calendar(
            closed_weekdays=frozenset(day - 1 for day in document.closed_weekdays),
            closed_days=frozenset(document.closed_days),
        ),
    )


class Rulings:
    """Owned by the desk thread. `settings`: the rules of the settings file, where the centre said nothing.

    `adopt` tells the desk, which lends by them from the next visit on; `say` answers the centre.
    """

    def __init__(
        self,
        store: StationStore,
        settings: Rules,
        adopt: Callable[[Rules], None],
        say: Callable[[bytes], None],
    ) -> None:
        self._store, self._settings, self._adopt, self._say = store, settings, adopt, say
        self._kept: dict[str, PolicyDocument] = {}

    def start(self, now: Now) -> None:
        """Take up what is kept. Raises StoreError."""
        with self._store.begin(now) as work:
            for source in SOURCES:
                kept = Incoming(work).document(key_of(source))
                if kept is None:
                    continue
                try:
                    self._kept[source] = parse_policy(kept)[0]
                except PolicyError as error:  # a version of the station that takes less than the one before
                    log.error("the lending rules kept for %r are not used: %s", source, error)  # noqa: TRY400
        self._adopt(self.rules())

    def rules(self) -> Rules:
        """By which this station lends."""
        return next((rules_of(self._kept[one]) for one in SOURCES if one in self._kept), self._settings)

    @property
    def versions(self) -> dict[str, int]:
        """Which documents are kept."""
        return {source: document.version for source, document in self._kept.items()}

    def came(self, payload: bytes, source: str, now: Now) -> None:
        """Keep a document, or refuse it whole, and answer. Raises StoreError: then it will come again."""
        if not payload:
            if source in self._kept:
                self._change(source, None, None, now)
            self._answer(source, NONE)
            return
        try:
            document, warnings = parse_policy(payload)
            known = self._kept.get(source)
            if known is not None and document != known:
                if document.version < known.version:
                    raise PolicyError(
                        f"version {document.version} is older than {known.version}, which is kept"
                    )
                if document.version == known.version:
                    raise PolicyError(
                        f"version {known.version} says something else here; give it a new number"
                    )
        except PolicyError as error:
            log.error("lending rules of the centre were refused: %s", error)  # noqa: TRY400
            self._answer(source, REFUSED, str(error))
            return
        if document != known:
            self._change(source, document, payload, now)
            for warning in warnings:
                log.warning("lending rules of the centre: %s", warning)
        self._answer(source, KEPT, "; ".join(warnings))

    def _change(self, source: str, document: PolicyDocument | None, payload: bytes | None, now: Now) -> None:
        kept = {name: one for name, one in self._kept.items() if name != source}
        if document is not None:
            kept[source] = document
        counts = next((one for one in SOURCES if one in kept), "settings")
        version = kept[counts].version if counts in kept else 0
        with self._store.begin(now) as work:
            Incoming(work).keep(key_of(source), payload)
            work.report(facts.RulesChanged(source=counts, version=version))  # type: ignore[arg-type]
            work.commit()
        self._kept = kept
        self._adopt(self.rules())

    def _answer(self, source: str, status: str, words: str = "") -> None:
        known = self._kept.get(source)
        self._say(PolicyAnswer(source, known.version if known else 0, status, words).to_json())


def _policy(limits: Limits) -> Policy:
    return Policy(limits.max_loans, limits.loan_days, limits.max_renewals)
