"""The ingestion of one episode: job, fan-out, weigh, resolve, persist."""
