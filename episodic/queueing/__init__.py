"""Ingesting what is submitted, now or later, here or elsewhere: `ports.Queue` and what stands behind it."""
