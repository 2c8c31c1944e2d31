"""Where canonical episodes are kept: SQLite or PostgreSQL, behind the ports.

Import `open_store` from `storage.store` where it is used: this package itself imports nothing, so that
SQLAlchemy is loaded only by commands that need a database.
"""
