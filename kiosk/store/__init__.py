"""The station's memory: SQLite through SQLAlchemy, migrations by Alembic."""
