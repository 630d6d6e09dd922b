"""`make bench`: every benchmark, or those named (`make bench ARGS=streams`)."""

import sys

from bench import background, browser, chain, lists, pieces, playback, signins, statements, streams, uploads

SUBJECTS = {
    "streams": streams.main,
    "uploads": uploads.main,
    "pieces": pieces.main,
    "browser": browser.main,
    "playback": playback.main,
    "background": background.main,
    "statements": statements.main,
    "lists": lists.main,
    "signins": signins.main,
    "chain": chain.main,
}

for subject in sys.argv[1:] or SUBJECTS:
    SUBJECTS[subject]()
