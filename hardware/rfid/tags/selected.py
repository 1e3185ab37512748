"""A tag that a reader selected: how it is spoken to, and what happens when contact is lost for a moment.

A tag that hears something wrong answers no or nothing and goes back to where it cannot be spoken to, so
`steadily` selects it anew and repeats the work: a few flipped bits cost time and nothing else. Only a tag
that cannot be selected any more is gone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeVar

from hardware.rfid.iso14443a import AnswerError, Silence
from hardware.rfid.tags.memory import TagMemoryError

Result = TypeVar("Result")


class TagMute(TagMemoryError):
    """The tag lets itself be selected and does not answer the command."""


class SelectedTag(ABC):
    """One tag, by its whole UID. Every method raises PadFault; `sak` is known once it was selected."""

    tries: ClassVar[int] = 5

    def __init__(self, raw_uid: bytes) -> None:
        self.raw_uid = raw_uid
        self.uid = raw_uid.hex().upper()
        self.sak = 0
        self._selected = False
        self._left = False

    @abstractmethod
    def select(self) -> None:
        """Wake every tag and select this one; the others stay out of it. Raises TagGone, TagMemoryError."""

    @abstractmethod
    def ask(self, command: bytes, answer_bytes: int) -> bytes:
        """A command whose answer is data, its CRC_A right and taken off. Raises AnswerError, TagRefused."""

    @abstractmethod
    def tell(self, command: bytes) -> None:
        """A command that is acknowledged by four bits. Raises AnswerError, TagRefused."""

    def steadily(self, work: Callable[[], Result]) -> Result:
        """What `work` gives, with the tag selected; anew and again when an answer was none.

        Raises TagRefused at once, TagGone, TagMute, and TagMemoryError when the answers stay unreadable.
        """
        if self._left:
            raise TagMemoryError(f"the memory of tag {self.uid} was left; open it again with memory(uid)")
        error: AnswerError | None = None
        for _ in range(self.tries):
            if not self._selected:
                self.select()
            try:
                return work()
            except AnswerError as unreadable:
                error, self._selected = unreadable, False
            except BaseException:
                self._selected = False  # after a no the tag listens no more
                raise
        self.select()
        if isinstance(error, Silence):
            raise TagMute(f"tag {self.uid} does not answer: {error}") from error
        raise TagMemoryError(
            f"tag {self.uid} cannot be read ({error}); lay it flat in the middle of the pad and do it again"
        ) from error
