"""Where canonical episodes are kept: SQLite, PostgreSQL or memory, behind the ports.

Import `open_store` from `storage.store` and `MemoryStore` from `storage.memory` where they are used:
this package itself imports nothing, so that SQLAlchemy is loaded only by commands that need a database.
"""
