"""gunicorn as the desk needs it. Also its configuration: `gunicorn -c python:engine.cli.server`.

One worker with many threads: the engine and the feed live in it, and there is one engine.

Why gthread: the feed takes its sockets over after the handshake (dashboard/feed/line.py), and one
thread serves them all, so that what an asynchronous worker would do better is done already; the
pages, the log-in and the API stay plain Flask, and the engine's threads stay threads. Measured on
two cores with 500 readers at one update a second (tests/bench/bench_feed.py): a thread for each
socket took 27 % of a core and let plain requests wait 190 ms (p99); this takes 7 %, they 16 ms.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.body import LengthReader
from gunicorn.util import import_app
from gunicorn.workers import gthread

from engine.errors import DeskError
from engine.settings import Settings
from models.database import DatabaseUnusableError

APP = "wsgi:app"
CONNECTIONS_BESIDE_THREADS = 500  # kept alive, waiting for their next request
TURN = 0.0005  # seconds that a thread computes while another waits: a sync must not hold up pages
ALIVE_EVERY = 0.1  # seconds between looks at whether the worker is to end
LINGER = 0.2  # seconds that an idle connection outlives the order to stop
MOST_CLOSING = 100  # connections that are drained before they are closed; each is an open file
# What a client may hold a thread for, in seconds: before it says anything, until it has said what
# it wants, and while it sends or takes the rest.
SILENT, HEAD_WITHIN, REST_WITHIN = 0.05, 5.0, 30.0
MEMORY = Path("/dev/shm")  # noqa: S108  # gunicorn's heartbeat file: a slow disk must not end us


class RoutedLogger(Logger):  # type: ignore[misc]  # gunicorn comes without types
    """Leaves log lines to the root logger, where they get the desk's shape."""

    def setup(self, cfg: Any) -> None:
        """Add no handlers of its own."""
        self.cfg = cfg
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Leave out the traceback of a client that took too long."""
        if isinstance(sys.exception(), TimeoutError):
            self.error_log.info("a client took too long, and was left")
        else:
            self.error_log.exception(msg, *args, **kwargs)


# ---------------------------------------------------------------------------- configuration
workers = 1
worker_class = "gthread"
timeout = 60
graceful_timeout = 2  # the feed ends its connections by itself; nothing else lasts
keepalive = 15
max_requests = 0  # a new worker would be a new engine in the middle of the session
preload_app = False
control_socket_disable = True
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None
logger_class = RoutedLogger
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")  # nobody, unless it is said


def post_worker_init(worker: Any) -> None:
    """Start what runs beside the requests, and see to its end before the worker's."""
    _close_beside_accepting(worker)
    _let_nobody_hold_a_thread()
    gthread.STOP_KEEPALIVE_LINGER = LINGER
    sys.setswitchinterval(TURN)
    engine, feed, files = (worker.wsgi.extensions[name] for name in ("engine", "feed", "files"))
    engine.start()
    files.press_on()
    make_document = worker.wsgi.extensions["document"]
    threading.Thread(target=make_document, name="document", daemon=True).start()
    threading.Thread(target=_stop_with, args=(worker, engine, feed), name="worker-watch").start()


def pre_request(_worker: Any, request: Any) -> None:
    """Give a client that has said what it wants the time to take the answer.

    Who asks on before the answer has come gets this one alone: no browser does it, and a thousand
    requests that were sent at once would stand in line before the next person's.
    """
    request.unreader.sock.settimeout(REST_WITHIN)
    if _asks_ahead(request):
        request.force_close()


def _asks_ahead(request: Any) -> bool:
    """Say whether more bytes have come than the request has, where it says how many those are."""
    body = request.body.reader
    return isinstance(body, LengthReader) and (len(request.unreader.buf.getvalue()) > body.length)


def worker_exit(_server: Any, worker: Any) -> None:
    """Tell the watcher of an end that nobody ordered: a process without a door must not trade on.

    And spare it a last sweep over a whole market's objects.
    """
    worker.alive = False
    gc.freeze()


def _stop_with(worker: Any, engine: Any, feed: Any) -> None:
    """Give the lease back as soon as the worker is told to end, while its requests finish.

    After a hang-up the next worker already waits for it, and so do the feed's readers. A worker
    whose desk is over, because another account is traded, ends by itself: the next is made for it.
    """
    pause = threading.Event()
    while worker.alive and not engine.has_moved:
        pause.wait(ALIVE_EVERY)
    worker.alive = False
    feed.stop()
    engine.stop()


def _close_beside_accepting(worker: Any) -> None:
    """Drain closing connections in threads of their own.

    gunicorn 27 waits up to two seconds for each in the thread that accepts: five clients that do
    not hang up would hold up the kill switch for ten. Who waits there counts as no connection any
    more, but each is an open file, and without one nobody is let in: only so many may wait.
    """
    drain = ThreadPoolExecutor(8, "closing")
    places = threading.BoundedSemaphore(MOST_CLOSING)

    def let_go(sock: Any) -> None:
        try:
            if worker.alive:
                gthread.util.close_graceful(sock)
            else:
                gthread.util.close(sock)
        finally:
            places.release()

    def close(connection: Any, graceful: bool = False) -> None:  # noqa: FBT001, FBT002  # theirs
        if connection.sock.fileno() < 0:
            return  # the feed has taken it over
        if graceful and worker.alive and places.acquire(blocking=False):
            connection.sock.settimeout(None)
            drain.submit(let_go, connection.sock)
        else:
            gthread.util.close(connection.sock)

    gthread.TConn.close = close


def _let_nobody_hold_a_thread() -> None:
    """Bound how long a client may keep a thread; gunicorn would wait for ever.

    Threads are many but not endless: fifty clients that say half a word, or ask for much and do
    not read, must not be between a person and the kill switch.
    """
    gthread.DEFAULT_WORKER_DATA_TIMEOUT = SILENT
    begin = gthread.TConn.init

    def init(connection: Any) -> None:
        begin(connection)
        connection.sock.settimeout(HEAD_WITHIN)  # it sets the socket to wait for ever

    gthread.TConn.init = init


# ---------------------------------------------------------------------------- by ourselves
class DeskServer(BaseApplication):  # type: ignore[misc]  # as above
    """gunicorn with the configuration above and the desk's settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__(prog="bellwether")

    def load_config(self) -> None:
        """Take over what this module says."""
        for name in self.cfg.settings:
            if name in globals():
                self.cfg.set(name, globals()[name])
        host = self._settings.host
        self.cfg.set(
            "bind",
            f"[{host}]:{self._settings.port}" if ":" in host else f"{host}:{self._settings.port}",
        )
        self.cfg.set("threads", self._settings.feed_threads)
        self.cfg.set("worker_connections", self._settings.feed_threads + CONNECTIONS_BESIDE_THREADS)

    def load(self) -> Any:
        """Import the app in the worker; what is wrong with the settings becomes one sentence."""
        gc.disable()  # as in the command: what is imported is no garbage
        try:
            return import_app(APP)
        except (DeskError, DatabaseUnusableError) as problem:
            click.echo(f"Error: {problem}", err=True)
            sys.exit(Arbiter.APP_LOAD_ERROR)
        finally:
            gc.freeze()  # it stays: sweeping over it would hold up every tenth answer
            gc.enable()


def run_server(settings: Settings) -> None:
    """Serve until a signal says to end.

    Raises:
        SystemExit: always; its code is 0 after an orderly end and 1 otherwise.
    """
    master = os.getpid()
    try:
        DeskServer(settings).run()
    except SystemExit as end:
        if os.getpid() != master:
            raise  # a worker's code tells the master whether to try again
        raise SystemExit(1 if end.code else 0) from end
