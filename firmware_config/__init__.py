"""The Raspberry Pi's boot configuration: fragments, and what composes them."""
