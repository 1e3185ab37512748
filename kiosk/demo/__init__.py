"""The demonstration library: real titles, invented readers, drawn covers, by any library's own import."""

from kiosk.demo.library import FOLDER, load_demo

__all__ = ["FOLDER", "load_demo"]
