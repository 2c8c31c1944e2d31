"""Alembic's folder: `env` runs the migrations of `versions`."""
