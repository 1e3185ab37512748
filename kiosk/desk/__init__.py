"""The desk: the state machine of a visit. `Desk.handle(event, now) -> Step(screen, cues)`.

The machine (machine.py) owns one frozen state (states.py); a visit is one of them (visit.py), a list to
choose from another (grid.py). The attendant serves a visit, the hall and its porter whoever comes. Nothing
is remembered outside that state, so when a visit ends nothing of the child is left.
"""

from kiosk.desk.house import LANGUAGES, Customs
from kiosk.desk.machine import Desk
from kiosk.desk.step import Cue, Pace, Step

__all__ = ["LANGUAGES", "Cue", "Customs", "Desk", "Pace", "Step"]
