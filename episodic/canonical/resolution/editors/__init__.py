"""What editors decided, found again in each new collation."""
