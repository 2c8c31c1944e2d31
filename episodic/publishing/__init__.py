"""What players, platforms and people take: the canonical transcript in the formats that they read."""
