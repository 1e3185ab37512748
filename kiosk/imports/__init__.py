"""A library's own lists into the store."""
