"""Where a ciphertext belongs (FORMAT section 4), so that it opens nowhere else."""

from dataclasses import dataclass
from typing import ClassVar

from app.crypto.fields import CanonicalObject, Id, Number, Text
from app.domain.ids import NIL

__all__ = ["NIL", "Context"]


@dataclass(frozen=True)
class Context(CanonicalObject):
    """NIL stands for no case or no record. `digest` is the context digest that headers carry."""

    TYPE: ClassVar = "context"

    table: Text
    field: Text
    case: Id
    record: Id
    version: Number
