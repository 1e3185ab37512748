"""The few widgets every screen is made of. Sizes in millimetres come from ui.theme."""
