"""What the commands share that ingest: what is asked for, what is a source, and what it came to."""
