"""Migrations, numbered from 0001; each stands on the one before it."""
