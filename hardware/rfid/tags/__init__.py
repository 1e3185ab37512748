"""What is in a tag: its kind, its memory, and what a library writes there. No reader's wires."""
