"""Every permission x every person x every state, as a file that people read in review."""

import os
from collections import defaultdict
from pathlib import Path

from app.policy.facts import CaseFacts, StatementFacts, StoryFacts
from app.policy.permissions import Permission
from app.policy.rules import RULES, Outcome, decide, subject_of

from .cast import NAMES, SCENARIOS, actor

MATRIX = Path(__file__).with_name("matrix.txt")
CELL = {Outcome.GRANTED: "yes", Outcome.NOT_FOUND: "404", Outcome.REFUSED: ".", Outcome.SIGN_IN_FIRST: "401"}
HEAD = """\
Who may do what: yes = granted, . = refused with reasons (403), 404 = does not exist for them, 401 = sign in
first. Everybody has just shown the second factor again. The redactor wrote and redacted the story; the
transcriber and the translator worked on the statement; the identity was released to the reader; the editor
was vouched for by the lead, the protector by the lead and the reader. "elsewhere" is a reviewer of another
case, "unvouched" a reader who waits for a vouch. To renew this file after a change of rules:
UPDATE_MATRIX=1 python -m pytest tests/policy/test_matrix.py, then read the difference.
"""


def row(permission, scenario):
    return " ".join(
        f"{CELL[decide(permission, actor(n), scenario(n)).outcome]:>{len(n)}}" for n in NAMES
    ).rstrip()


def section(permission):
    """One line per answer, with the states that get it; the commonest answer stands last, as "otherwise"."""
    states_of = defaultdict(list)
    for state, scenario in SCENARIOS[subject_of(permission)].items():
        states_of[row(permission, scenario)].append(state)
    *particular, common = sorted(states_of.items(), key=lambda pair: len(pair[1]))
    lines = [f"  {cells}   {' / '.join(states)}" for cells, states in particular]
    return "\n".join([*lines, f"  {common[0]}   {'otherwise' if particular else 'always'}"])


def matrix():
    """Permissions with the same answers share a section."""
    permissions_of = defaultdict(list)
    for permission in Permission:
        permissions_of[section(permission)].append(permission)
    sections = [f"{chr(10).join(same)}\n{lines}\n" for lines, same in permissions_of.items()]
    return "\n".join([HEAD, f"  {' '.join(NAMES)}\n", *sections])


def test_the_matrix_is_the_one_that_was_reviewed():
    if os.environ.get("UPDATE_MATRIX"):
        MATRIX.write_text(matrix())
    assert matrix() == MATRIX.read_text()


def test_every_permission_has_a_rule():
    assert RULES.keys() == set(Permission)


def test_whoever_is_off_the_roster_never_learns_that_a_case_exists():
    for permission in Permission:
        if subject_of(permission) in {CaseFacts, StatementFacts, StoryFacts}:
            for scenario in SCENARIOS[subject_of(permission)].values():
                assert (
                    decide(permission, actor("elsewhere"), scenario("elsewhere")).outcome is Outcome.NOT_FOUND
                )
                assert decide(permission, actor("admin"), scenario("admin")).outcome is Outcome.NOT_FOUND
