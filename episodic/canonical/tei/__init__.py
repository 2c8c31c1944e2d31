"""TEI P5: written, checked and read back."""
