"""Turns approved snapshots of stories into the static tree that the public reads."""
