"""Ingesting what is submitted, now or later, here or elsewhere: `queue.Queue` and what stands behind it."""
