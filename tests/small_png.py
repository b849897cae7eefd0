"""Pictures of pages as small PNG files: 256 colours are enough, and make half the size."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
PIXELS = (Path(__file__).parent / "pixels.js").read_text().partition("*/\n")[2]

Pixels = NDArray[np.uint8]


def small_png(decoder: Page, png: bytes) -> bytes:
    """Return a PNG with its most frequent colours alone; the others become their nearest."""
    width, height = struct.unpack(">II", png[16:24])
    raw = b64decode(decoder.evaluate(PIXELS, b64encode(png).decode()))
    pixels = np.frombuffer(raw, np.uint8).reshape(-1, 4)[:, :3]
    palette, indices = quantise(pixels)
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = indices.reshape(height, width)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette.tobytes()))
    image = (b"IDAT", zlib.compress(rows.tobytes(), 9))
    return SIGNATURE + b"".join(_chunk(*part) for part in (*parts, image, (b"IEND", b"")))


def quantise(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """Return a palette and each pixel's place in it."""
    colours, inverse, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    palette = colours[np.argsort(-counts, kind="stable")[:COLOURS]]
    far = (colours[:, None, :].astype(np.int32) - palette[None, :, :]) ** 2
    nearest = far.sum(axis=2).argmin(axis=1).astype(np.uint8)
    return palette, nearest[inverse.reshape(-1)]


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
