"""Stories: written from redacted excerpts, checked, approved by two, published as a signed tree, withdrawn."""
