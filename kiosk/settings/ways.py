"""How children may come to the desk: with a card, by its printed number, through their class or family."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from kiosk.settings.section import Section


class WaysSection(Section):
    """Ways to begin without a library card, and to bring a book back."""

    classes: bool = Field(
        False,
        description="from Welcome, children without a card find their animal in their school class; whoever "
        "stands there can read the nicknames",
    )
    barcode_cards: bool = Field(True, description="a printed card number before the scanner begins a visit")
    teacher_category: str = Field(
        "giao-vien",
        max_length=40,
        description='cards of this category open the list of their class; "" = none do',
    )
    family_category: str = Field(
        "gia-dinh",
        max_length=40,
        description='cards of this category open the list of their family; "" = none do',
    )
    scan_returns: Literal["card", "anyone"] = Field(
        "card",
        description="who may bring a book back by its barcode: whoever has begun a visit, or anyone, "
        "although a label can be photographed",
    )

    @model_validator(mode="after")
    def _one_list_a_card(self) -> WaysSection:
        if self.teacher_category and self.teacher_category == self.family_category:
            raise ValueError(
                f"teacher_category and family_category are both {self.teacher_category!r}, and a card opens "
                "one list; name two categories, or leave one empty"
            )
        return self
