"""Storage of series, episodes, revisions, sources and jobs."""
