"""Bytes of recordings and pictures: what kind they are."""
