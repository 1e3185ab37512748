"""Which wire goes to which pin, in one table, and the pictures of it. `python -m hardware.wiring FOLDER`."""
