"""The board itself: its power, heat, disk, card, memory and clock, and what of that people must know.

Every reading is one file a noun: what the kernel of Raspberry Pi OS tells there, absent (None) elsewhere.
"""

from hardware.board.readings import Board, BoardReadings
from hardware.board.watch import BoardWatch, WatchRunning, WatchStuck
from hardware.board.words import in_words
from hardware.board.worries import Severity, Worry, worries

__all__ = [
    "Board",
    "BoardReadings",
    "BoardWatch",
    "Severity",
    "WatchRunning",
    "WatchStuck",
    "Worry",
    "in_words",
    "worries",
]
