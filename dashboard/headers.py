"""What every answer carries: a strict content policy, and compression that is done once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Request, Response
from flask_compress import Compress
from flask_talisman import Talisman

DASH_FILES = "/_dash-component-suites/"
FINGERPRINTED_FOR = 365 * 24 * 3600  # their addresses change with their content


class CompressedFiles:
    """Keeps what was compressed of Dash's own files: they change only with the process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return what was kept."""
        return self._kept.get(key)

    def set(self, key: str, content: bytes) -> None:
        """Keep a file; everything else has the key of no address."""
        if DASH_FILES in key:
            self._kept[key] = content


def compress(server: Flask) -> None:
    """Compress answers: 9 MB of scripts are 1.4 MB at the first visit, nothing at the second."""
    server.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_CACHE_BACKEND=CompressedFiles,
        COMPRESS_CACHE_KEY=_cache_key,
        # without these names the extension would never answer 304 for them
        COMPRESS_STREAMING_ENDPOINT_CONDITIONAL=["bootstrap.static", "_dash_assets.static"],
        SEND_FILE_MAX_AGE_DEFAULT=FINGERPRINTED_FOR,
    )
    Compress(server)
    server.after_request(_close_file)  # runs before the compression, which forgets to


def mount_headers(server: Flask, script_hashes: Sequence[str], *, secure: bool) -> None:
    """Add the security headers; `secure` demands HTTPS, except of the sign of life."""
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
    return request.path if request.path.startswith(DASH_FILES) else ""
