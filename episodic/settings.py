"""Settings from EPISODIC_* environment variables."""
