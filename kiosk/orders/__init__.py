"""What the centre sends down, on the desk thread: lending rules, commands, the catalogue on its way in.

The link only carries it (kiosk.link.downlink). Here it is held against its contract, kept, done at a moment
that disturbs nobody, and answered. Nothing of it can stop lending.
"""

from kiosk.orders.orders import Orders

__all__ = ["Orders"]
