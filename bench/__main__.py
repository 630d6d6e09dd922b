"""`make bench`: every benchmark, or those named (`make bench ARGS=streams`)."""

import sys

from bench import lists, statements, streams, uploads

SUBJECTS = {
    "streams": streams.main,
    "uploads": uploads.main,
    "statements": statements.main,
    "lists": lists.main,
}

for subject in sys.argv[1:] or SUBJECTS:
    SUBJECTS[subject]()
