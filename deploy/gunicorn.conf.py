"""gunicorn settings for both applications; the staff one recycles its workers once nobody is signed in."""

import gc
import os
import sys
import threading
import time

GARBAGE_OBJECTS = 20_000
LOOPBACK = ("127.0.0.1:", "[::1]:", "localhost:", "unix:")

bind = os.environ.get("BIND", "127.0.0.1:8000")
if os.environ.get("DEMO") == "1" and not bind.startswith(LOOPBACK):
    sys.exit("A demo runs on loopback only: its words are printed and its cookies travel without TLS.")
workers = int(os.environ.get("WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("THREADS", "32"))
timeout = 120
graceful_timeout = 30
keepalive = 5
forwarded_allow_ips = ""  # whose word counts on scheme and address is TRUSTED_PROXIES' to say
limit_request_line = 4094
limit_request_fields = 60
umask = 0o077
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None

sweep_every = float(os.environ.get("SWEEP_SECONDS", "30"))


def post_worker_init(worker):
    """Keep this memory to itself; sweep sessions that are over; when the last has gone, this worker's memory goes too."""
    from app.memory import keep_to_ourselves  # noqa: PLC0415  # on the path only once a worker has begun

    gc.collect()
    gc.freeze()  # what was imported stays: looking through it again at every request costs a fifth of its time
    gc.set_threshold(GARBAGE_OBJECTS, 20, 20)
    keep_to_ourselves()
    app = worker.app.callable if hasattr(worker.app, "callable") else worker.wsgi
    services = getattr(app, "extensions", {}).get("vouchsafe")
    if services is not None:
        threading.Thread(target=_sweep, args=(worker, services), daemon=True).start()


def _sweep(worker, services):
    while worker.alive:
        time.sleep(sweep_every)
        if _nobody_is_left(worker, services) and services.served_somebody.is_set():
            worker.log.info("nobody is signed in any more: this worker ends, its memory with it")
            worker.alive = False


def _nobody_is_left(worker, services):
    from app.domain.errors import Unavailable  # noqa: PLC0415  # on the path only once a worker has begun

    try:
        return services.sessions.sweep() == 0
    except Unavailable:
        worker.log.warning("the sessions' database does not answer; the next sweep asks again")
        return False
