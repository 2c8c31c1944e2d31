"""Transcripts: compared, decided and put together word by word."""
