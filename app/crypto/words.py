"""Keys and passwords as words for paper: BIP-39 English (FORMAT section 12)."""

import secrets
from functools import cache
from typing import Final

from mnemonic import Mnemonic

from app.crypto.lock import normalise_words
from app.domain.errors import Malformed, UnreadableWords

PASSWORD_WORDS: Final = 7

_WORDS_OF: Final = {16: 12, 32: 24}


def to_words(key: bytes) -> str:
    """12 words for 16 bytes, 24 for 32. Raises Malformed for another length."""
    if len(key) not in _WORDS_OF:
        raise Malformed("key-length")
    return _bip39().to_mnemonic(key)


def from_words(words: str) -> bytes:
    """The bytes that `to_words` wrote, whatever the case and spaces.

    Raises UnreadableWords with the fault `word-count`, `unknown-word` (and its position, never the word) or
    `checksum`.
    """
    given = normalise_words(words).split()
    if len(given) not in _WORDS_OF.values():
        raise UnreadableWords("word-count")
    for position, word in enumerate(given, start=1):
        if word not in _bip39().wordlist:
            raise UnreadableWords("unknown-word", position)
    try:
        return bytes(_bip39().to_entropy(given))
    except ValueError as error:
        raise UnreadableWords("checksum") from error


def propose_password() -> str:
    """Seven words drawn from 2,048: 77 bits."""
    return " ".join(secrets.choice(_bip39().wordlist) for _ in range(PASSWORD_WORDS))


@cache
def _bip39() -> Mnemonic:
    return Mnemonic("english")
