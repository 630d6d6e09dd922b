"""What an administrator reads for roles, acts of the log, faults of its chain, and work that was set aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as lazy
from flask_babel import lazy_pgettext as lazy_p

from app.audit.acts import Act
from app.domain.duties import Role

ROLES: Final[Mapping[Role, LazyString]] = MappingProxyType(
    {
        Role.INTERVIEWER: lazy_p("role", "interviewer"),
        Role.REVIEWER: lazy_p("role", "reviewer"),
        Role.ADMINISTRATOR: lazy_p("role", "administrator"),
    }
)

ACTS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        Act.FOUNDED: lazy_p("log", "founded the installation"),
        Act.RESTORE_ACCEPTED: lazy_p("log", "accepted a restored database"),
        Act.PROPOSED: lazy_p("log", "proposed what takes two administrators"),
        Act.PROPOSAL_SECONDED: lazy_p("log", "agreed to a proposal"),
        Act.PROPOSAL_WITHDRAWN: lazy_p("log", "took a proposal back"),
        Act.RECOVERY_SHARE_OPENED: lazy_p("log", "opened a trustee's share"),
        Act.RECOVERY_COMBINED: lazy_p("log", "recovered a case's key"),
        Act.ADMINISTRATOR_APPOINTED: lazy_p("log", "the organisation key certified an administrator"),
        Act.PERSON_INVITED: lazy_p("log", "invited somebody"),
        Act.INVITATION_WITHDRAWN: lazy_p("log", "took an invitation back"),
        Act.PERSON_ADDED: lazy_p("log", "was added"),
        Act.ROLE_GIVEN: lazy_p("log", "gave somebody a role"),
        Act.ROLE_TAKEN: lazy_p("log", "took a role from somebody"),
        Act.PERSON_SHUT_OUT: lazy_p("log", "shut somebody out"),
        Act.PERSON_LET_IN: lazy_p("log", "let somebody in again"),
        Act.WORDS_CHANGED: lazy_p("log", "changed their words"),
        Act.RECOVERY_RENEWED: lazy_p("log", "made a new recovery code"),
        Act.FACTOR_CHANGED: lazy_p("log", "changed their second factor"),
        Act.RETURN_ASKED: lazy_p("log", "asked to come back with their recovery code"),
        Act.RETURN_STOPPED: lazy_p("log", "stopped a way back"),
        Act.RETURNED: lazy_p("log", "came back with their recovery code"),
        Act.CARD_VOUCHED: lazy_p("log", "vouched for a card"),
        Act.VOUCH_REFUSED: lazy_p("log", "found that a card's numbers do not fit"),
        Act.BOOK_KEPT: lazy_p("log", "kept what their trust book learnt"),
        Act.SIGNED_IN: lazy_p("log", "signed in"),
        Act.SIGNED_OUT: lazy_p("log", "signed out"),
        Act.SIGNED_OUT_EVERYWHERE: lazy_p("log", "signed out everywhere"),
        Act.SIGN_IN_FAILED: lazy_p("log", "a sign-in failed"),
        Act.REFUSED: lazy_p("log", "was refused"),
        Act.CASE_CHARTERED: lazy_p("log", "chartered a case"),
        Act.CASE_OPENED: lazy_p("log", "opened a case"),
        Act.ROSTER_CHANGED: lazy_p("log", "changed who is on a case"),
        Act.GRANTED: lazy_p("log", "gave a key on"),
        Act.ROTATED: lazy_p("log", "changed a case's key"),
        Act.RECORDS_REWRAPPED: lazy_p("log", "renewed keys of records"),
        Act.CASE_SETTINGS_SEALED: lazy_p("log", "sealed a case's title"),
        Act.REGISTER_SEALED: lazy_p("log", "sealed the register"),
        Act.REGISTER_OPENED: lazy_p("log", "opened the register"),
        Act.PART_SEALED: lazy_p("log", "sealed a part of a statement"),
        Act.FILE_SEALED: lazy_p("log", "sealed a file"),
        Act.FILE_GIVEN_UP: lazy_p("log", "gave up a file on its way"),
        Act.FILE_EXPIRED: lazy_p("log", "discarded a part that had waited"),
        Act.STATEMENT_FINISHED: lazy_p("log", "finished a statement"),
        Act.STATEMENT_QUARANTINED: lazy_p("log", "a part came twice and was set apart"),
        Act.LATE_FORM_KEPT: lazy_p("log", "left a part behind, without being signed in"),
        Act.LATE_FORM_SENT: lazy_p("log", "sent a part that had waited"),
        Act.LATE_FORM_DISCARDED: lazy_p("log", "discarded a part that had waited"),
        Act.STATEMENT_ADOPTED: lazy_p("log", "took a statement over"),
        Act.STATEMENT_OPENED: lazy_p("log", "opened a statement"),
        Act.IDENTITY_OPENED: lazy_p("log", "opened a name"),
        Act.ASSET_OPENED: lazy_p("log", "opened a file"),
        Act.STATE_CHANGED: lazy_p("log", "moved a statement on"),
        Act.ADDENDUM_SEALED: lazy_p("log", "added to a statement"),
        Act.CONSENT_SEALED: lazy_p("log", "sealed a consent"),
        Act.WITHDRAWN: lazy_p("log", "withdrew a statement"),
        Act.TRANSCRIPT_OPENED: lazy_p("log", "opened a transcript"),
        Act.TRANSCRIPT_SEALED: lazy_p("log", "sealed a transcript"),
        Act.REDACTION_SEALED: lazy_p("log", "sealed a redaction"),
        Act.REDACTION_OPENED: lazy_p("log", "opened a redaction"),
        Act.JOB_ISSUED: lazy_p("log", "had a file prepared"),
        Act.JOB_CANCELLED: lazy_p("log", "stopped the preparing of a file"),
        Act.DIGEST_KEY_SEALED: lazy_p("log", "made the key that tells equal files"),
        Act.STORY_SEALED: lazy_p("log", "sealed a story"),
        Act.STORY_OPENED: lazy_p("log", "opened a story"),
        Act.STORY_STATE_CHANGED: lazy_p("log", "moved a story on"),
        Act.APPROVED: lazy_p("log", "approved a release"),
        Act.APPROVALS_VOIDED: lazy_p("log", "approvals were voided"),
        Act.PUBLISHED: lazy_p("log", "published a release"),
        Act.TAKEN_DOWN: lazy_p("log", "took a release down"),
    }
)

FAULTS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "missing": lazy("An entry is missing."),
        "altered": lazy("An entry was altered."),
        "chain": lazy("The chain does not fit here."),
        "cut": lazy("The end was cut off."),
        "head-missing": lazy("The signed head is missing."),
        "head-signature": lazy("The signed head is not ours."),
        "head-behind": lazy("The database is older than what this server has seen."),
        "behind-head-file": lazy("The database is older than what this server has seen."),
        "head-forked": lazy("The database tells another story than the one this server has seen."),
        "differs-from-head-file": lazy("The database tells another story than the one this server has seen."),
    }
)
FAULT_OTHERWISE: Final = lazy("Something in the log is not what was written.")


# Jobs that were set aside


@dataclass(frozen=True, eq=False)
class SetAside:
    """`why`: as it follows a number of files; `is_well`: nothing here has to be mended."""

    why: LazyString
    todo: LazyString
    is_well: bool = False


_NO_SANDBOX: Final = SetAside(
    lazy("no safe place to make previews"),
    lazy(
        "Install bubblewrap where the worker runs, and start the worker anew. Then readers press “Try again”."
    ),
)
_NO_DECODERS: Final = SetAside(
    lazy("previews are switched off"),
    lazy("Nothing, if that is on purpose. Else install the extra “media”; then readers press “Try again”."),
    is_well=True,
)
_NO_ANSWER: Final = SetAside(
    lazy("the storage did not answer"),
    lazy("Look at the disk and the database. Then readers press “Try again”."),
)
_READER_STOPPED: Final = SetAside(
    lazy("reading them failed each time"),
    lazy("Nothing. They may be damaged; the originals are untouched, and their readers may try again."),
    is_well=True,
)
_ANOTHER_VERSION: Final = SetAside(
    lazy("the worker was of another version"),
    lazy("Start a worker of this version. Then readers press “Try again”."),
)
_NOT_AS_SEALED: Final = SetAside(
    lazy("what is stored is missing or was altered"),
    lazy("Run “vouchsafe doctor”, and look at the storage and the newest backup. Tell the case leads."),
)
SET_ASIDE: Final[Mapping[str, SetAside]] = MappingProxyType(
    {
        "sandbox-missing": _NO_SANDBOX,
        "extra-missing": _NO_DECODERS,
        "unknown-kind": _ANOTHER_VERSION,
        "database": _NO_ANSWER,
        "storage": _NO_ANSWER,
        "crashed": _READER_STOPPED,
        "lease-ran-out": _READER_STOPPED,
        "worker-gone": _READER_STOPPED,
    }
)
"""By the reason of a job; every other one is what was found wrong with something stored."""


def set_aside(reasons: Mapping[str, int]) -> dict[SetAside, int]:
    """How many files each of these stands for; what has to be mended first."""
    told: dict[SetAside, int] = {}
    for reason, many in reasons.items():
        aside = SET_ASIDE.get(reason, _NOT_AS_SEALED)
        told[aside] = told.get(aside, 0) + many
    return dict(sorted(told.items(), key=lambda each: each[0].is_well))
