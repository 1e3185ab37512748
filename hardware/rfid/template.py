"""A reader to copy: the three methods a driver needs, and what the station expects of each.

This one works: it reads tags from a text file, one UID a line, as a reader would see them on its antenna.
Copy it, put your bus behind it, and register the driver in three places:

1. `kiosk/settings/pad.py`: its name among the drivers, and the keys only it has;
2. `kiosk/bootstrap/devices.py`: how it is built from those settings;
3. `tests/hardware/test_reader_contract.py`: one line, and every promise below is tested.

What may be left to the station: counting placements and removals, waiting until a tag lies still, trying
again after a fault, all threads (hardware/worker.py). A driver only ever tells what lies there *now*.
"""

from __future__ import annotations

import logging
from pathlib import Path

from kiosk.events import Tag, TagKind
from kiosk.ports import PadDisturbed, PadFault

log = logging.getLogger(__name__)

_KINDS = {8: TagKind.CLASSIC, 14: TagKind.ULTRALIGHT, 16: TagKind.VICINITY}  # by hex digits of the UID
_LONGEST = 4096  # bytes; text from outside is hostile, and so is a file


class TemplateReader:
    """Reads UIDs from the file `source`. One thread uses it, the pad's: no locks, no threads of its own.

    The constructor only takes notes. It touches no wire and does not fail, so that a station with a missing
    reader starts and says what is missing.
    """

    def __init__(self, source: Path) -> None:
        self._source = source
        self._open = False

    def __repr__(self) -> str:
        return f"<TemplateReader {self._source}, {'open' if self._open else 'closed'}>"

    def open(self) -> None:
        """Take the wire, reset the reader, set it up, and make sure that it is there.

        Called again after every fault, so it must cope with a reader in any state. Bounded in time: two
        seconds at most. Raises PadFault, whose words name the place, what was found and what to check.
        """
        self.close()
        if not self._source.is_file():
            raise PadFault(f"{self._source} is not there; make the file, one UID a line")
        self._open = True

    def inventory(self) -> frozenset[Tag]:
        """Every tag in the field now. Called ten times a second; the sooner it returns, the better.

        There are three answers, and never a fourth:

        - a set of tags, each one *verified*: its checksum was right, its UID is whole;
        - the empty set, when the reader *proved* that nothing is there;
        - PadFault: the reader does not work. Or its milder form PadDisturbed: something answered that could
          not be verified; `tags` are those that could. When in doubt, this: a book is never given away by a
          guess, and an empty pad that is not empty ends a child's visit.
        """
        if not self._open:
            raise PadFault(f"{self._source} is not open")
        try:
            content = self._source.read_bytes()
        except OSError as error:
            raise PadFault(f"{self._source} went away ({error.strerror}); put it back") from error
        if len(content) > _LONGEST:
            raise PadDisturbed(f"{self._source} is longer than {_LONGEST} bytes")
        found: set[Tag] = set()
        doubt = ""
        for number, line in enumerate(content.decode("ascii", "replace").split(), start=1):
            uid = line.upper()
            if len(uid) in _KINDS and all(digit in "0123456789ABCDEF" for digit in uid):
                found.add(Tag(uid, _KINDS[len(uid)]))
            else:
                doubt = f"{self._source}, word {number}: {line[:20]!r} is no UID of 4, 7 or 8 bytes in hex"
        if doubt:
            raise PadDisturbed(doubt, tags=frozenset(found))
        return frozenset(found)

    def close(self) -> None:
        """Field off, wire released. Called from any state, more than once, and never raises."""
        if self._open:
            log.debug("%s is let go", self._source)
        self._open = False
