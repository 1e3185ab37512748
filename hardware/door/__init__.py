"""The doorway: who comes in, who goes out, who is near, and whether the sensors can be believed."""
