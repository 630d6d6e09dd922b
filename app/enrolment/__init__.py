"""Coming in: one-time links, own keys, and vouching for each other."""
