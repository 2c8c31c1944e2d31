"""The canonical episode: pipeline, resolution, document and storage."""
