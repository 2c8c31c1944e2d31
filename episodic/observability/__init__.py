"""Adapters that observe instrumented tasks."""
