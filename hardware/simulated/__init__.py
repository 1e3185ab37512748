"""Wires without hardware: a chip-level RC522 with tags, its bus, mock pins, and the bench that moves them."""
