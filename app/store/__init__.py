"""Every table and the blob store: ciphertext in, ciphertext out; no meaning."""
