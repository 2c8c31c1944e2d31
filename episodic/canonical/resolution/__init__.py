"""Resolution: from weighted witnesses to one document and its decisions."""
