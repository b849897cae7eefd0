"""What every answer carries: a strict content policy, and compression that is done once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread, get_native_id

import brotli
from dash.fingerprint import check_fingerprint
from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_compress import Compress
from flask_talisman import Talisman

FILES = ("/_dash-component-suites/", "/bundle/", "/bootstrap/")
NO_FILE = ";"  # the end of the key of what is not kept
LEAST_HASTE = 19
FINGERPRINTED_FOR = 365 * 24 * 3600  # their addresses change with their content


class CompressedFiles:
    """Keeps what was compressed of the files that change only with the process.

    The first visitor gets each as small as a moment allows. Where `press_on` was called, a thread
    that yields to everything else takes the ten seconds in which they become a seventh smaller.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._small: SimpleQueue[str] = SimpleQueue()

    def __len__(self) -> int:
        """Return how many files are kept; one that is kept in two ways counts twice."""
        return len(self._kept)

    def get(self, key: str) -> bytes | None:
        """Return what was kept."""
        return self._kept.get(key)

    def set(self, key: str, content: bytes) -> None:
        """Keep a file; everything else has the key of no address."""
        if key.endswith(NO_FILE) or key in self._kept:
            return
        self._kept[key] = content
        if key.startswith("br;"):
            self._small.put(key)

    def press_on(self) -> None:
        """Make every file smaller from now on, while nobody waits for anything."""
        Thread(target=self._press, name="compressing", daemon=True).start()

    def _press(self) -> None:
        with suppress(OSError, AttributeError):  # only Linux knows the haste of a single thread
            os.setpriority(os.PRIO_PROCESS, get_native_id(), LEAST_HASTE)
        while True:
            key = self._small.get()
            plain = brotli.decompress(self._kept[key])
            self._kept[key] = brotli.compress(plain, quality=11, lgwin=24)


FILES_OF_THE_PROCESS = CompressedFiles()


class PageSessions(SecureCookieSessionInterface):
    """Keeps the session in a cookie, of which files say nothing.

    A file that brings a new cookie, and varies with it, is a stranger to the browser's cache.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, except beside a file."""
        if not request.path.startswith(FILES):
            super().save_session(app, session, response)


def compress(server: Flask) -> None:
    """Compress answers: 9 MB of scripts are 1.4 MB at the first visit, nothing at the second."""
    files = server.extensions["files"] = FILES_OF_THE_PROCESS
    server.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_CACHE_BACKEND=lambda: files,
        COMPRESS_CACHE_KEY=_cache_key,
        # without these names the extension would never answer 304 for them
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=["bootstrap.static", "_dash_assets.static"],
        SEND_FILE_MAX_AGE_DEFAULT=FINGERPRINTED_FOR,
    )
    Compress(server)
    server.after_request(_close_file)  # runs before the compression, which forgets to


def mount_headers(server: Flask, script_hashes: Sequence[str], *, secure: bool) -> None:
    """Add the security headers; `secure` demands HTTPS, except of the sign of life."""
    server.session_interface = PageSessions()
    talisman = Talisman(
        server,
        content_security_policy=_policy(script_hashes),
        force_https=secure,
        session_cookie_secure=secure,
        strict_transport_security=secure,
        frame_options="DENY",
        referrer_policy="same-origin",
    )
    plain = talisman(force_https=False)  # container health checks speak HTTP
    for endpoint in ("healthz", "readyz"):
        server.view_functions[endpoint] = plain(server.view_functions[endpoint])


def _policy(script_hashes: Sequence[str]) -> dict[str, str | list[str]]:
    return {
        "default-src": "'self'",
        "base-uri": "'self'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
        "script-src": ["'self'", *script_hashes],  # Dash's one line that starts it
        "style-src": ["'self'", "'unsafe-inline'"],  # AG Grid and Plotly write <style> elements
        "img-src": ["'self'", "data:", "blob:"],  # grid icons, charts saved as pictures
        "font-src": ["'self'", "data:"],
        "connect-src": "'self'",
        "worker-src": ["'self'", "blob:"],
    }


def _close_file(response: Response) -> Response:
    if response.direct_passthrough and hasattr(response.response, "close"):
        response.call_on_close(response.response.close)
    return response


def _cache_key(request: Request) -> str:
    """Return a file's plain address: Dash takes any fingerprint, and each would be kept."""
    if not request.path.startswith(FILES):
        return ""
    return str(check_fingerprint(request.path)[0])
