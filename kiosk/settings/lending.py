"""The library's lending rules as a file says them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, field_validator

from kiosk.model import Calendar, Policy, Rules
from kiosk.settings.section import Section


class PolicySection(Section):
    """What a category of patrons may do."""

    max_loans: Annotated[int, Field(ge=0, le=100)] = Field(3, description="books at home at the same time")
    loan_days: Annotated[int, Field(ge=1, le=366)] = Field(14, description="days a loan lasts")
    max_renewals: Annotated[int, Field(ge=0, le=20)] = Field(
        2, description="how often a loan can be prolonged"
    )

    def to_model(self) -> Policy:
        """The model's own policy."""
        return Policy(self.max_loans, self.loan_days, self.max_renewals)


class LendingSection(Section):
    """The library's rules."""

    default: PolicySection = Field(default_factory=PolicySection, description="categories not named below")
    categories: dict[str, PolicySection] = Field(
        default_factory=dict, description="a table a patron category"
    )
    closed_weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(
        default_factory=list, description="weekdays the library is shut: 1 = Monday ... 7 = Sunday"
    )
    closed_days: list[date] = Field(default_factory=list, description="dates the library is shut")

    @field_validator("closed_weekdays")
    @classmethod
    def _open_sometimes(cls, value: list[int]) -> list[int]:
        if len(set(value)) == 7:
            raise ValueError("a library shut on all seven weekdays can never lend; leave one open")
        return value

    def to_rules(self) -> Rules:
        """The model's own rules."""
        return Rules(
            default=self.default.to_model(),
            policies={name: policy.to_model() for name, policy in self.categories.items()},
            calendar=Calendar(
                closed_weekdays=frozenset(day - 1 for day in self.closed_weekdays),
                closed_days=frozenset(self.closed_days),
            ),
        )
