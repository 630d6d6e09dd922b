"""Text statements a second: four clients, one POST of the short form each, roster of 20, log of 100,000 entries, one commit each."""

import http.client
import os
import statistics
import tempfile
import threading
import time
from urllib.parse import urlencode
from uuid import UUID

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.duties import Duty
from app.domain.ids import new_id
from bench.report import Figure, publish
from bench.staff import Staff, serving
from tests import cast

CLIENTS = 4
PER_CLIENT = 150
ROSTER = 20
LOG_ENTRIES = 100_000
ACCOUNT = "They came in the morning, before the bread. " * 60


def main() -> None:
    with serving() as staff:
        case = _prepare(staff.cast)
        capsules = [_capsules(staff.cast, case) for _ in range(CLIENTS)]
        cookie = staff.cookie("anahit")
        _drive(staff, cookie, [each[:5] for each in capsules])
        latencies, errors, seconds = _drive(staff, cookie, [each[5:] for each in capsules])
    rate = len(latencies) / seconds
    publish(
        "statements",
        [
            Figure("text statements a second", rate, "1/s", ">= 100", rate >= 100),
            Figure("errors", errors, "", "0", errors == 0),
            Figure("median time of one", statistics.median(latencies) * 1000, "ms", "", True),
            Figure("99th percentile", sorted(latencies)[int(len(latencies) * 0.99)] * 1000, "ms", "", True),
            Figure("fsync of 4 KiB here", _fsync() * 1000, "ms", "", True),
        ],
        {
            "clients": CLIENTS,
            "statements": len(latencies),
            "seconds": seconds,
            "roster": ROSTER,
            "log": LOG_ENTRIES,
        },
    )


def _prepare(troupe: cast.Cast) -> UUID:
    """A case with twenty people on it, and a long log before it."""
    case = new_id()
    held = dict(cast.LINDEN)
    for number in range(ROSTER - len(held)):
        name = f"reader{number}"
        uow = troupe.uow()
        troupe.people[name] = uow.vault.people.add(name, name, cast.REVIEWER, "words", cast.FACTOR)
        uow.commit()
        with troupe.acting("ruben") as vouching:
            vouching.vault.vouching.vouch(troupe.people[name].card, "call")
        held[name] = frozenset({Duty.READER})
    cast.open_case(troupe, case, "Bench-1", "ruben", held, title="Bench")
    for _ in range(LOG_ENTRIES // 10_000):
        uow = troupe.uow()
        for _ in range(10_000):
            uow.audit.note(Note(Act.SIGNED_IN))
        uow.commit()
    return case


def _capsules(troupe: cast.Cast, case: UUID) -> list[str]:
    uow = troupe.uow("anahit")
    try:
        return [uow.vault.submissions.begin(case) for _ in range(PER_CLIENT + 5)]
    finally:
        uow.end()


def _drive(staff: Staff, cookie: str, capsules: list[list[str]]) -> tuple[list[float], int, float]:
    """Every client sends its statements one after the other, all clients at once; latencies, errors, seconds in all."""
    latencies: list[float] = []
    wrong: list[int] = []

    def client(tokens: list[str]) -> None:
        for token in tokens:
            connection = staff.connect()  # a new one each, as nginx asks
            began = time.perf_counter()
            status = _send(connection, cookie, token)
            latencies.append(time.perf_counter() - began)
            if status != 200:
                wrong.append(status)

    threads = [threading.Thread(target=client, args=(tokens,)) for tokens in capsules]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, len(wrong), time.perf_counter() - began


def _send(connection: http.client.HTTPConnection, cookie: str, token: str) -> int:
    fields = {
        "capsule": token,
        "way": "short",
        "code_name": "Juniper",
        "take_part": "y",
        "public": "nothing",
        "account": ACCOUNT,
        "withdrawal": "1234 5678 " * 4,
    }
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/notebook/parts", urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def _fsync() -> float:
    with tempfile.TemporaryFile() as file:
        times = []
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    main()
