"""The way from any older database to today's tables, by Alembic.

A new revision is a module in `versions/` whose `down_revision` is today's HEAD; HEAD then names the new one.
Tests hold HEAD, the revisions and `kiosk.store.tables` against each other.
"""

HEAD = "0003"
"""The newest revision. Known without loading Alembic, which costs a cold start on a small board."""
