"""The desk's own scripts and styles as one file each: one request on a slow line, not twenty."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort
from flask.typing import ResponseReturnValue

PREFIX = "/bundle/"
KINDS = {"js": "text/javascript", "css": "text/css"}
FOR_EVER = "private, max-age=31536000, immutable"  # another content has another address


@dataclass(frozen=True)
class Bundle:
    """All files of a kind, in the order of their names."""

    name: str
    content: bytes
    mimetype: str

    @property
    def address(self) -> str:
        """Return where it is found."""
        return PREFIX + self.name


def mount_bundles(server: Flask, assets: Path) -> dict[str, str]:
    """Serve what the folder holds as it is now; return the address of each kind."""
    bundles = {kind: _bundle(assets, kind) for kind in KINDS}
    by_name = {bundle.name: bundle for bundle in bundles.values()}

    @server.get(f"{PREFIX}<name>")
    def bundle(name: str) -> ResponseReturnValue:
        found = by_name.get(name)
        if found is None:
            abort(404)
        return Response(found.content, mimetype=found.mimetype, headers={"Cache-Control": FOR_EVER})

    return {kind: bundle.address for kind, bundle in bundles.items()}


def _bundle(assets: Path, kind: str) -> Bundle:
    files = sorted(assets.glob(f"*.{kind}"))
    content = b"\n".join(file.read_bytes() for file in files)
    return Bundle(f"desk.{hashlib.sha256(content).hexdigest()[:16]}.{kind}", content, KINDS[kind])
