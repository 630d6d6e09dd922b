"""Sends a statement the way the form does, for tests that need one to be there."""

from uuid import UUID

from app.intake import actions as intake
from app.vault.submissions import new_withdrawal_code
from tests.cast import Cast

CONSENT = {"take_part": True}


def send(
    troupe: Cast, case: UUID, account: str, *, file: bytes = b"", name: str = "anahit"
) -> tuple[UUID, UUID]:
    """One part, finished; the statement's id and its file's (or the statement's own where there is none)."""
    with troupe.acting(name) as uow:
        token = uow.vault.submissions.begin(case)
        ticket = intake.read_ticket(uow.installation, token, uow.clock())
    files = []
    if file:
        services = troupe.services
        sink = intake.Attachments(services.blobs, services.installation.id, case, 1 << 30, lambda: None).open(
            "files", "tape.ogg"
        )
        sink.write(file)
        files.append((sink.finish(), {"title": "A tape"}))
    part = intake.Content({"code_name": "Juniper", "languages": ["en"], "account": account})
    with troupe.acting(name) as uow:
        intake.send(uow, ticket, part, files, last=True, withdrawal_code=new_withdrawal_code())
    receipt = files[0][0].receipt if files else None
    return ticket.statement, receipt.asset if receipt else ticket.statement
