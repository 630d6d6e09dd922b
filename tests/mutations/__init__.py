"""Takes the product's refusals away, one at a time, and asks whether a test notices."""
