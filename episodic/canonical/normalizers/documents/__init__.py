"""Documents: prose, pages and transcripts in them."""
