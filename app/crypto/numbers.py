"""Digests as digits that people read to each other (FORMAT section 12)."""


def card_digits(digest: bytes) -> str:
    """Six groups of four: the first 80 bits of a card digest modulo 10^24."""
    return _groups(int.from_bytes(digest[:10]), 24)


def receipt_digits(digest: bytes) -> str:
    """Two groups of four: the first 64 bits of a manifest digest modulo 10^8; a label, not a proof."""
    return _groups(int.from_bytes(digest[:8]), 8)


def _groups(number: int, digits: int) -> str:
    shown = f"{number % 10**digits:0{digits}}"
    return " ".join(shown[start : start + 4] for start in range(0, digits, 4))
