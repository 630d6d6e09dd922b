"""Every verb that an account has, used by somebody who may read nothing; whatever comes back is evidence."""

from collections.abc import Callable
from typing import Any, Final

from app.domain.duties import Duty
from app.unit_of_work import UnitOfWork
from app.vault.casework import CASE_ZERO
from app.vault.fields import LINE
from app.vault.secrets import CASE, RELEASE
from tests.adversary.shadow import Item, Shadow

Verb = Callable[[UnitOfWork, Shadow, Item, bytes], Any]
"""`(uow, shadow, item, card of the person who pries)` -> words, a key, a form or a signature; nothing otherwise."""


def _open(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.records.open(item.where, item.case, item.record).content


def _open_all(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.records.open_all(item.where, item.case, item.record)


def _lines(uow: UnitOfWork, shadow: Shadow, item: Item, _card: bytes) -> Any:
    lines = uow.vault.records.lines(item.case, list(shadow.statements))
    return [line for line in lines.values() if isinstance(line, bytes)]


def _seal(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.records.seal(LINE, item.case, item.record, b"{}", expected=0)


def _play(uow: UnitOfWork, shadow: Shadow, _item: Item, _card: bytes) -> Any:
    opened = []
    for asset, (case, _content, _readers) in shadow.files.items():
        file = uow.vault.files.open(case, asset)
        opened.append(b"".join(file.read(0, file.length)))
        file.close()
    return opened


def _secret(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.secrets.current(item.case, item.where.kind)


def _first_secret(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.secrets.of_epoch(item.case, item.where.kind, 1)


def _release_key(uow: UnitOfWork, _shadow: Shadow, _item: Item, card: bytes) -> Any:
    uow.vault.casework.grant_release(card)
    return uow.vault.secrets.current(CASE_ZERO, RELEASE)


def _adopt(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.submissions.adopt(item.case, 500)


def _adopt_identity(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.submissions.adopt_identity(item.case, 500)


def _rewrap(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return [uow.vault.casework.rewrap(item.case)]


def _take_the_case(uow: UnitOfWork, _shadow: Shadow, item: Item, card: bytes) -> Any:
    roster = uow.vault.trust.roster(item.case)
    duties = {member.card: roster.duties_of(member.card) for member in roster.roster.members}
    return uow.vault.casework.change_roster(item.case, roster.digest, {**duties, card: frozenset(Duty)})


def _open_again(uow: UnitOfWork, _shadow: Shadow, item: Item, card: bytes) -> Any:
    return uow.vault.casework.open_case(item.case, {card: frozenset(Duty)})


def _publish(uow: UnitOfWork, _shadow: Shadow, _item: Item, card: bytes) -> Any:
    return uow.vault.casework.change_publishers({card: frozenset(Duty)})


def _sign_site(uow: UnitOfWork, _shadow: Shadow, _item: Item, _card: bytes) -> Any:
    return uow.vault.releases.sign_site(1, (), (), ())


def _recover(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.recovery.combine((item.case, CASE, 1))


def _form(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.submissions.begin(item.case)


def _receipt(uow: UnitOfWork, _shadow: Shadow, item: Item, _card: bytes) -> Any:
    return uow.vault.submissions.receipt(item.record)


VERBS: Final[dict[str, Verb]] = {
    "open": _open,
    "open-all": _open_all,
    "lines": _lines,
    "seal": _seal,
    "play": _play,
    "secret": _secret,
    "first-secret": _first_secret,
    "release-key": _release_key,
    "adopt": _adopt,
    "adopt-identity": _adopt_identity,
    "rewrap": _rewrap,
    "take-the-case": _take_the_case,
    "open-the-case-again": _open_again,
    "publish": _publish,
    "sign-the-site": _sign_site,
    "recover": _recover,
    "form": _form,
    "receipt": _receipt,
}
MAY_BE_EMPTY: Final = frozenset({"adopt", "adopt-identity", "lines", "play", "open-all"})
"""Verbs that end well with nothing in their hands."""


def any_item(shadow: Shadow, pick: int) -> Item:
    items = list(shadow.items.values())
    return items[pick % len(items)]
