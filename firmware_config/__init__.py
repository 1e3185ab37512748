"""The Raspberry Pi's boot configuration: fragments by board, panel and reader, and what composes them."""
