"""WebSocket frames as the server sends them, and several messages as one piece to send.

A frame of the server's is not masked, and without a context that lasts from one to the next it
depends on nothing but its message: one made once is good for every reader (RFC 6455, RFC 7692).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from dashboard.feed.messages import Channel, Message, Wire

TEXT, BINARY = 0x81, 0x82  # the only and last frame of its message
DEFLATED = 0x40
TAIL = b"\x00\x00\xff\xff"  # left out of a deflated message
WORTH_DEFLATING = 200  # bytes
SHORT, MEDIUM = 126, 1 << 16
LEVEL = 4  # each message once for everybody: a millisecond would be felt, a few bytes are not


def frame(content: str | bytes, *, deflated: bool) -> bytes:
    """Return a message as a reader's socket gets it."""
    first, payload = (TEXT, content.encode()) if isinstance(content, str) else (BINARY, content)
    if deflated and len(payload) >= WORTH_DEFLATING:
        first, payload = first | DEFLATED, _deflate(payload)
    return _head(first, len(payload)) + payload


def _head(first: int, size: int) -> bytes:
    if size < SHORT:
        return struct.pack(">BB", first, size)
    if size < MEDIUM:
        return struct.pack(">BBH", first, 126, size)
    return struct.pack(">BBQ", first, 127, size)


def _deflate(payload: bytes) -> bytes:
    deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


class Edition:
    """The messages of one moment: whoever wants the same gets the very same bytes."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages
        self._made: dict[tuple[frozenset[Channel], Wire, bool], bytes] = {}
        self._frames: dict[tuple[int, Wire, bool], bytes] = {}

    def piece(self, channels: frozenset[Channel], wire: Wire, *, deflated: bool) -> bytes:
        """Return what is sent to a reader of some channels; nothing if none of it is for them."""
        key = (channels, wire, deflated)
        if key not in self._made:
            wanted = [n for n, said in enumerate(self._messages) if said.channels & channels]
            self._made[key] = b"".join(self._frame(n, wire, deflated) for n in wanted)
        return self._made[key]

    def _frame(self, number: int, wire: Wire, deflated: bool) -> bytes:  # noqa: FBT001  # a key
        key = (number, wire, deflated)
        if key not in self._frames:
            content = self._messages[number].content_in(wire)
            self._frames[key] = frame(content, deflated=deflated)
        return self._frames[key]
