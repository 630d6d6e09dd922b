"""Every object of FORMAT section 10, field by field in its order, and how each is authenticated."""

import base64
import hashlib
import unicodedata
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Annotated, ClassVar, Final
from uuid import UUID

from app.crypto import signing
from app.crypto.canonical import Writer, utf8
from app.crypto.fields import (
    CanonicalObject,
    Digest,
    Flag,
    HpkePublic,
    Id,
    Nested,
    Number,
    Octets,
    OptionalDigest,
    Part,
    Series,
    SigningPublic,
    Sorted,
    Text,
    Time,
    Words,
)
from app.crypto.keys import RootKey, SigningSeed, mac, macs_equal
from app.domain.errors import Malformed, Refused

NAME_SALT_LENGTH: Final = 16

_MAC_LENGTH: Final = 32

CaseKind = Annotated[str, Words(frozenset({"case", "identity"}))]
SecretKind = Annotated[str, Words(frozenset({"case", "identity", "release"}))]
CertificateKind = Annotated[
    str, Words(frozenset({"administrator", "lead", "release-key", "server-key", "take-down-key"}))
]
ProposalAct = Annotated[
    str, Words(frozenset({"role-given", "administrator-shut-out", "administrator-let-in", "recovery"}))
]
VouchManner = Annotated[str, Words(frozenset({"face-to-face", "call"}))]
ApprovalKind = Annotated[str, Words(frozenset({"editorial", "protection", "identity"}))]
TextSet = Annotated[tuple[str, ...], Sorted(Words())]
DigestSet = Annotated[tuple[bytes, ...], Sorted(Octets(32))]


@dataclass(frozen=True)
class Trustee(Part):
    trustee: Id
    public: HpkePublic


@dataclass(frozen=True)
class Policy(CanonicalObject):
    """Signed by the organisation key."""

    TYPE: ClassVar = "policy"

    number: Number
    previous: OptionalDigest
    k: Number
    trustees: Annotated[tuple[Trustee, ...], Sorted(Nested(Trustee), attrgetter("trustee"))]
    switches: TextSet
    issued: Time


@dataclass(frozen=True)
class Certificate(CanonicalObject):
    """The organisation key vouches for a founder's card (its digest) or for an Ed25519 key."""

    TYPE: ClassVar = "certificate"

    kind: CertificateKind
    subject: Digest
    issued: Time


@dataclass(frozen=True)
class Card(CanonicalObject):
    """A person's public keys, signed by themselves."""

    TYPE: ClassVar = "card"

    person: Id
    name_hash: Digest
    hpke_public: HpkePublic
    signing_public: SigningPublic
    number: Number
    previous: OptionalDigest
    issued: Time


@dataclass(frozen=True)
class Vouch(CanonicalObject):
    """Signed by the voucher."""

    TYPE: ClassVar = "vouch"

    voucher: Digest
    card: Digest
    manner: VouchManner
    issued: Time


@dataclass(frozen=True)
class Charter(CanonicalObject):
    """Signed by an administrator: who leads a case first."""

    TYPE: ClassVar = "charter"

    case: Id
    lead: Digest
    policy: Digest
    issued: Time


@dataclass(frozen=True)
class Proposal(CanonicalObject):
    """Signed by an administrator: a dangerous act, of which nothing happens until another one seconds it.

    `detail`: the role that would be given, or the kind of secret; `receiver`: the card that would combine the shares.
    """

    TYPE: ClassVar = "proposal"

    id: Id
    act: ProposalAct
    subject: Id
    detail: Text
    receiver: OptionalDigest
    proposer: Digest
    issued: Time


@dataclass(frozen=True)
class Seconding(CanonicalObject):
    """Signed by another administrator."""

    TYPE: ClassVar = "seconding"

    proposal: Digest
    seconder: Digest
    issued: Time


@dataclass(frozen=True)
class Member(Part):
    card: Digest
    duties: TextSet


@dataclass(frozen=True)
class IntakeKey(Part):
    kind: CaseKind
    key_id: Id
    public: HpkePublic


@dataclass(frozen=True)
class Roster(CanonicalObject):
    """Who may do what in a case; signed by a lead of the previous roster."""

    TYPE: ClassVar = "roster"

    case: Id
    era: Number
    number: Number
    epoch: Number
    identity_epoch: Number
    identity_epoch_pending: Flag
    previous: OptionalDigest
    policy: Digest
    charter: Digest
    members: Annotated[tuple[Member, ...], Sorted(Nested(Member), attrgetter("card"))]
    intake_keys: Annotated[tuple[IntakeKey, ...], Sorted(Nested(IntakeKey), attrgetter("key_id"))]
    signer: Digest
    issued: Time


@dataclass(frozen=True)
class Grant(CanonicalObject):
    """Signed by the grantor: this sealed secret is meant for that member."""

    TYPE: ClassVar = "grant"

    kind: SecretKind
    case: Id
    epoch: Number
    roster: Digest
    grantor: Digest
    member: Digest
    ciphertext: Digest
    issued: Time


@dataclass(frozen=True)
class Version(CanonicalObject):
    """One sealed version of one field of one record, signed by its author."""

    TYPE: ClassVar = "version"

    table: Text
    field: Text
    case: Id
    record: Id
    version: Number
    key_id: Id
    ciphertext: Digest
    previous: OptionalDigest
    author: Digest
    issued: Time


@dataclass(frozen=True)
class PartEntry(Part):
    field: Text
    version: Number
    digest: Digest
    size: Number


@dataclass(frozen=True)
class FileEntry(Part):
    asset: Id
    key_id: Id
    header: Digest
    whole: Digest
    size: Number


@dataclass(frozen=True)
class Manifest(CanonicalObject):
    """All that one submission holds, in order, signed by its author."""

    TYPE: ClassVar = "manifest"

    case: Id
    statement: Id
    roster: Digest
    statement_key: Id
    identity_key: Id
    author: Digest
    parts: Annotated[tuple[PartEntry, ...], Series(Nested(PartEntry))]
    files: Annotated[tuple[FileEntry, ...], Series(Nested(FileEntry))]
    inner: Digest
    client: OptionalDigest
    finished: Time


@dataclass(frozen=True)
class Receipt(CanonicalObject):
    """Signed by the server key."""

    TYPE: ClassVar = "receipt"

    statement: Id
    manifest: Digest
    received: Time
    era: Number
    position: Number


@dataclass(frozen=True)
class Head(CanonicalObject):
    """The end of the log, signed by the server key."""

    TYPE: ClassVar = "head"

    era: Number
    sequence: Number
    chain: Digest
    at: Time


@dataclass(frozen=True)
class RosterMark(Part):
    case: Id
    era: Number
    number: Number
    digest: Digest


@dataclass(frozen=True)
class Introduction(CanonicalObject):
    """What a voucher hands a newcomer to begin a trust book with; signed by the voucher."""

    TYPE: ClassVar = "introduction"

    anchor: SigningPublic
    card: Digest
    voucher: Digest
    policy: Digest
    era: Number
    sequence: Number
    chain: Digest
    rosters: Annotated[tuple[RosterMark, ...], Sorted(Nested(RosterMark), attrgetter("case"))]
    issued: Time


@dataclass(frozen=True)
class Consent(Part):
    statement: Id
    version: Digest


@dataclass(frozen=True)
class Approval(CanonicalObject):
    """Signed by the approver."""

    TYPE: ClassVar = "approval"

    story: Id
    kind: ApprovalKind
    bundle: Digest
    gate_report: Digest
    consents: Annotated[tuple[Consent, ...], Sorted(Nested(Consent))]
    approver: Digest
    issued: Time


@dataclass(frozen=True)
class PublicFile(Part):
    path: Text
    sha256: Digest
    size: Number


@dataclass(frozen=True)
class Release(CanonicalObject):
    """Signed by the release key."""

    TYPE: ClassVar = "release"

    public_id: Text
    story: Digest
    era: Number
    files: Annotated[tuple[PublicFile, ...], Sorted(Nested(PublicFile), attrgetter("path"))]
    approvals: DigestSet
    consents: DigestSet
    gate_report: Digest
    published_day: Number


@dataclass(frozen=True)
class ReleaseMark(Part):
    public_id: Text
    digest: Digest


@dataclass(frozen=True)
class Site(CanonicalObject):
    """The public manifest; signed by the release key, or by the take-down key if it only removes releases."""

    TYPE: ClassVar = "site"

    number: Number
    demo: Flag
    releases: Annotated[tuple[ReleaseMark, ...], Sorted(Nested(ReleaseMark), attrgetter("public_id"))]
    files: Annotated[tuple[PublicFile, ...], Sorted(Nested(PublicFile), attrgetter("path"))]
    withdrawn: TextSet
    day: Number


@dataclass(frozen=True)
class CardMark(Part):
    person: Id
    card: Digest


@dataclass(frozen=True)
class BookIntakeKey(Part):
    case: Id
    kind: CaseKind
    key_id: Id
    public: HpkePublic


@dataclass(frozen=True)
class TrustBook(CanonicalObject):
    """What one person has seen, sealed under their `book` key. Of a fork, both rosters are kept."""

    TYPE: ClassVar = "book"

    anchor: SigningPublic
    policy_number: Number
    policy: Digest
    cards: Annotated[tuple[CardMark, ...], Sorted(Nested(CardMark), attrgetter("person"))]
    rosters: Annotated[tuple[RosterMark, ...], Sorted(Nested(RosterMark))]
    intake_keys: Annotated[tuple[BookIntakeKey, ...], Sorted(Nested(BookIntakeKey), attrgetter("key_id"))]
    era: Number
    sequence: Number
    chain: Digest
    verified: DigestSet


@dataclass(frozen=True)
class Capsule(CanonicalObject):
    """What a form carries, so that it can be sealed without a session."""

    TYPE: ClassVar = "capsule"

    person: Id
    card: Digest
    case: Id
    roster: Digest
    statement_key: Id
    identity_key: Id
    submission: Id
    part: Number
    previous: OptionalDigest
    issued: Time


@dataclass(frozen=True)
class TrusteeShare(CanonicalObject):
    """The content of a box sealed to one trustee."""

    TYPE: ClassVar = "share"

    kind: SecretKind
    case: Id
    epoch: Number
    index: Number
    k: Number
    share: Digest
    commitment: Digest


@dataclass(frozen=True)
class Worker(CanonicalObject):
    """Signed by the server key: this key was made in the memory of one of our own worker processes."""

    TYPE: ClassVar = "worker"

    worker: Id
    public: HpkePublic
    issued: Time


@dataclass(frozen=True)
class SegmentKey(Part):
    """What opens one segment of a file; `cut` and `length` are the signed list's."""

    number: Number
    blob: Id
    key_id: Id
    key: Digest = field(repr=False)
    cut: Flag
    length: Number


@dataclass(frozen=True)
class WorkOrder(CanonicalObject):
    """The content of a box sealed to one worker: the keys that one job needs, and no others."""

    TYPE: ClassVar = "order"

    job: Id
    case: Id
    asset: Id
    kind: Text
    secret: Digest = field(repr=False)
    digest_key: Digest = field(repr=False)
    segments: Annotated[tuple[SegmentKey, ...], Series(Nested(SegmentKey))]
    issued: Time


@dataclass(frozen=True)
class JobIssue(CanonicalObject):
    """The content of the record `assets.job`: which job's result counts, and the secret that opens it."""

    TYPE: ClassVar = "issue"

    job: Id
    kind: Text
    secret: Digest = field(repr=False)


@dataclass(frozen=True)
class Tip(CanonicalObject):
    """The newest version of a field."""

    TYPE: ClassVar = "tip"

    record: Id
    field: Text
    version: Number
    version_digest: Digest
    sequence: Number


def sign_object(seed: SigningSeed, installation: UUID, signed: CanonicalObject) -> bytes:
    """64 bytes."""
    return signing.sign(seed, signed.TYPE, installation, signed.encode())


def verify_object(public: bytes, signature: bytes, installation: UUID, signed: CanonicalObject) -> None:
    """Raises Refused unless `public`'s holder signed exactly this object, in this installation."""
    signing.verify(public, signature, signed.TYPE, installation, signed.encode())


def tip_mac(root: RootKey, installation: UUID, tip: Tip) -> bytes:
    """32 bytes; compare with `keys.macs_equal`."""
    return mac(root, "tips", tip.signing_input(installation))


def seal_capsule(root: RootKey, installation: UUID, capsule: Capsule) -> str:
    """The token that a form carries: base64url without padding. Authenticated, not encrypted."""
    encoded = capsule.encode()
    sealed = encoded + _capsule_mac(root, installation, encoded)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def open_capsule(root: RootKey, installation: UUID, token: str) -> Capsule:
    """Raises Malformed for what is no token, Refused for one that this installation did not make."""
    sealed = _from_base64url(token)
    encoded, tag = sealed[:-_MAC_LENGTH], sealed[-_MAC_LENGTH:]
    if not macs_equal(tag, _capsule_mac(root, installation, encoded)):
        raise Refused("not-authentic")
    return Capsule.decode(encoded)


def name_hash(salt: bytes, name: str) -> bytes:
    """What a card says of a name: SHA-256(salt || NFC name). Raises Malformed unless `salt` has 16 bytes."""
    if len(salt) != NAME_SALT_LENGTH:
        raise Malformed("salt-length")
    return hashlib.sha256(salt + utf8(unicodedata.normalize("NFC", name))).digest()


def story_digest(installation: UUID, story: UUID) -> bytes:
    """What a public release says of its story."""
    return signing.object_digest("story", installation, Writer().id(story).done())


def _capsule_mac(root: RootKey, installation: UUID, encoded: bytes) -> bytes:
    return mac(root, "capsules", signing.signing_input(Capsule.TYPE, installation, encoded))


def _from_base64url(token: str) -> bytes:
    try:
        decoded = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Malformed("bad-base64") from error
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != token.encode("ascii"):
        raise Malformed("bad-base64")
    return decoded
