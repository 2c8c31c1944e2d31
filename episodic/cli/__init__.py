"""The episodic command, one module a command group."""
