"""The library server's side: takes in facts, counts them, shows librarians their stations."""
