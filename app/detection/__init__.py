"""Text in, spans and findings out: folding, matching, and the leak gate over the bytes of a bundle."""
