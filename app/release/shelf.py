"""What is out: the releases in force and those withdrawn, and the editions of the public folder made from them."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Self
from uuid import UUID

import sqlalchemy as sa

from app.domain.errors import NotFound
from app.release.bundle import Bundle
from app.release.edition import Edition, Told, day_of, edition_of, with_manifest
from app.release.tree import PublicFolder
from app.store import trust
from app.store.stories import releases
from app.unit_of_work import UnitOfWork
from app.vault.releases import Listed, Released, SignedSite, public_certificates, released

SECONDS_PER_DAY: Final = 86_400

Sign = Callable[[int, Iterable[tuple[str, bytes]], Iterable[Listed], Iterable[str]], SignedSite]
"""(number, releases, files, withdrawn) -> the signed site."""


@dataclass(frozen=True)
class Shelf:
    """Every release that was ever signed, oldest first."""

    releases: tuple[Released, ...]

    @classmethod
    def read(cls, uow: UnitOfWork) -> Self:
        """Needs nobody signed in. Raises Tampered."""
        return cls(tuple(released(uow.tx, uow.installation)))

    @property
    def live(self) -> tuple[Released, ...]:
        return tuple(release for release in self.releases if release.withdrawn is None)

    @property
    def gone(self) -> tuple[Released, ...]:
        return tuple(release for release in self.releases if release.withdrawn is not None)

    def of(self, stories: Collection[UUID]) -> tuple[Released, ...]:
        return tuple(release for release in self.live if release.story in stories)

    def next_number(self, folder: PublicFolder) -> int:
        """Higher than any edition that was, as far as the database or the folder know."""
        return 1 + max((0, *folder.numbers, *(release.number for release in self.releases)))

    def guard(self, uow: UnitOfWork) -> None:
        """Stage that nobody published or withdrew anything meanwhile, else Conflict: an edition is made of all of it.

        The first update takes its turn, the second looks, with the eyes of a later statement, at what others left.
        """
        lock = sa.update(trust.installation).values(era=trust.installation.c.era)
        every = sa.select(sa.func.count()).select_from(releases)
        taken_down = every.where(releases.c.withdrawn.is_not(None))
        unmoved = (
            every.scalar_subquery() == len(self.releases),
            taken_down.scalar_subquery() == len(self.gone),
        )
        uow.tx.stage(lock, rows=1)
        uow.tx.stage(lock.where(*unmoved), rows=1)


def tell(folder: PublicFolder, release: Released) -> Told:
    """A released story, read back from the public folder, byte for byte as it was signed. Raises NotFound."""
    bundle = Bundle({file.path: folder.find(file) for file in release.files})
    return Told(release.public_id, bundle, release.object, release.signature, release.digest)


def tell_what_is_whole(folder: PublicFolder, live: Iterable[Released]) -> list[Told]:
    """Without those whose files are damaged: nobody could read them anyhow, and they keep nothing else from going."""
    told = []
    for release in live:
        try:
            told.append(tell(folder, release))
        except NotFound:
            continue
    return told


def edition_for(uow: UnitOfWork, told: Iterable[Told], gone: Iterable[Released]) -> Edition:
    """Raises InvalidInput if two stories have one public id."""
    withdrawn = [release.public_id for release in gone]
    return edition_of(told, withdrawn, today(uow), demo=uow.installation.demo)


def write_edition(uow: UnitOfWork, folder: PublicFolder, number: int, edition: Edition, sign: Sign) -> None:
    """Put an edition on the disk, durable and signed; not yet what readers get. Raises Unavailable."""
    site = sign(number, edition.marks.items(), edition.listed, edition.withdrawn)
    installation = uow.installation
    files = with_manifest(
        edition,
        site,
        number,
        installation.id,
        installation.anchor,
        public_certificates(uow.tx),
        demo=installation.demo,
    )
    folder.write(number, files)


def today(uow: UnitOfWork) -> date:
    """UTC."""
    return day_of(uow.clock() // SECONDS_PER_DAY)
