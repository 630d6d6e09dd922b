"""Every permission that a route can require; a route that requires none keeps the app from starting."""

from enum import StrEnum


class Permission(StrEnum):
    # Anybody, signed in or not.
    PUBLIC = "public"
    LANGUAGE_CHOOSE = "language.choose"
    SIGN_IN = "sign-in"
    ACCOUNT_CLAIM = "account.claim"
    ACCOUNT_RECOVER = "account.recover"
    WITHDRAWAL_CODE_USE = "withdrawal-code.use"

    # Anybody signed in, about themselves.
    SIGN_OUT = "sign-out"
    HOME = "home"
    ACCOUNT_OWN = "account.own"
    ACCOUNT_CONFIRM = "account.confirm"
    ACCOUNT_REPLACE_KEY = "account.replace-key"
    HELP = "help"

    # Interviewer.
    FORM_START = "form.start"
    FORM_PART_SEND = "form.part.send"
    FORM_FILE_SEND = "form.file.send"
    FORM_FINISH = "form.finish"
    FORM_LATE_DECIDE = "form.late.decide"
    RECEIPTS_LIST = "receipts.list"
    RECEIPT_READ = "receipt.read"

    # Reviewer: desk and case.
    DESK_VIEW = "desk.view"
    CASE_VIEW = "case.view"
    CASE_ACTIVITY = "case.activity"
    CASE_SEARCH = "case.search"
    CASE_SETTINGS = "case.settings"
    REGISTER_VIEW = "register.view"
    REGISTER_EDIT = "register.edit"
    ROSTER_VIEW = "roster.view"
    ROSTER_EDIT = "roster.edit"
    RETURN_STOP = "return.stop"
    CHORES_VIEW = "chores.view"
    CHORE_DO = "chore.do"
    KEY_ROTATE = "key.rotate"

    # Reviewer: statement.
    STATEMENT_OPEN = "statement.open"
    STATEMENT_HISTORY = "statement.history"
    STATEMENT_ACCEPT = "statement.accept"
    STATEMENT_QUARANTINE_DECIDE = "statement.quarantine.decide"
    STATEMENT_ADD = "statement.add"
    STATEMENT_COMMENT = "statement.comment"
    STATEMENT_ASSIGN = "statement.assign"
    STATEMENT_HOLD = "statement.hold"
    STATEMENT_RELEASE_HOLD = "statement.release-hold"
    STATEMENT_RETURN = "statement.return"
    STATEMENT_RESUME = "statement.resume"
    STATEMENT_APPROVE = "statement.approve"
    STATEMENT_WITHDRAW = "statement.withdraw"
    STATEMENT_DESTROY = "statement.destroy"
    CONSENT_VIEW = "consent.view"
    CONSENT_CHANGE = "consent.change"
    ASSET_OPEN = "asset.open"
    ASSET_DOWNLOAD = "asset.download"
    NOTES_READ = "notes.read"
    TRANSCRIPT_VIEW = "transcript.view"
    TRANSCRIPT_EDIT = "transcript.edit"
    TRANSLATION_EDIT = "translation.edit"
    REDACTION_VIEW = "redaction.view"
    REDACTION_EDIT = "redaction.edit"
    REDACTED_VIEW = "redacted.view"
    EVIDENCE_EXPORT = "evidence.export"

    # Identity compartment.
    IDENTITY_READ = "identity.read"
    IDENTITY_RELEASE = "identity.release"
    IDENTITY_REQUEST = "identity.request"
    IDENTITY_CHECK = "identity.check"

    # Story and release.
    STORY_LIST = "story.list"
    STORY_CREATE = "story.create"
    STORY_VIEW = "story.view"
    STORY_EDIT = "story.edit"
    STORY_GATE = "story.gate"
    RELEASE_VIEW = "release.view"
    RELEASE_APPROVE_EDITORIAL = "release.approve.editorial"
    RELEASE_APPROVE_PROTECTION = "release.approve.protection"
    RELEASE_PUBLISH = "release.publish"
    RELEASE_CORRECT = "release.correct"
    RELEASE_WITHDRAW = "release.withdraw"

    # Vouching is for every vouched person who may sit across from another, never for administrators.
    PEOPLE_MEET = "people.meet"
    PERSON_VOUCH = "person.vouch"

    # Administrator: never testimony.
    PEOPLE_VIEW = "people.view"
    PEOPLE_EDIT = "people.edit"
    PEOPLE_EMPOWER = "people.empower"
    CASE_CHARTER = "case.charter"
    RETENTION_EDIT = "retention.edit"
    SAFEGUARD_TURN_OFF = "safeguard.turn-off"
    PROPOSAL_MAKE = "proposal.make"
    PROPOSAL_SECOND = "proposal.second"
    RECOVERY_RUN = "recovery.run"
    AUDIT_VIEW = "audit.view"
    HEALTH_VIEW = "health.view"
    KEYS_VIEW = "keys.view"
    RELEASE_TAKE_DOWN = "release.take-down"
