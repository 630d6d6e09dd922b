"""The vault's scene, for what an adversary does in it by hand."""

from tests.vault.conftest import model, scene

__all__ = ["model", "scene"]
