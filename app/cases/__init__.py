"""The case file: what waits for whom, statements by list line, people and duties, the register, chores."""
