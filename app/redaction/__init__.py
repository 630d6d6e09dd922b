"""What must not be recognised: marks over a statement's words, and the text as the public will read it."""
