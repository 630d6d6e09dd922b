"""The append-only, hash-chained log: writing it, its signed head, and finding where it was touched."""
