"""What speech engines write: JSON."""
