"""A crowd at the desk's door, in a process of its own: `python -m tests.bench.feed_load ...`.

It prints `ready` when everybody has arrived, and after some seconds what they have seen.
"""

from __future__ import annotations

import asyncio
import json
import re
import struct
import sys
import time
import zlib
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

SENT = re.compile(rb'"sent":(\d+)')  # nanoseconds, in the fact that is timed
ORDER = b'{"type":"order"'
CASH = re.compile(rb'"cash":"(\d+)\.(\d\d)"')  # hundredths: milliseconds, for whoever polls
WRAP = 10**9
TAIL = b"\x00\x00\xff\xff"
CHANNELS = ["positions", "account", "signals", "logs", "stats", "status"]


class Seen:
    """What one of the crowd has seen: when it heard of an event, and when the event was."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int]] = []
        self.bytes = self.frames = 0
        self.ended = False

    def event(self, sent: int) -> None:
        self.heard.append((time.time_ns(), sent))


class FeedReader(asyncio.Protocol):
    """A WebSocket that only listens: as cheap as can be, so that the server is what is measured."""

    def __init__(self, host: str, key: str, *, deflate: bool) -> None:
        self.seen, self._buffer, self._open = Seen(), bytearray(), False
        self.subscribed = asyncio.get_running_loop().create_future()
        self._host, self._key, self._deflate = host, key, deflate
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if self._deflate else ""
        self._transport.write(
            f"GET /ws/v1/feed HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {b64encode(bytes(16)).decode()}\r\n"
            f"Sec-WebSocket-Version: 13\r\nX-API-Key: {self._key}\r\n{offer}\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self.seen.bytes += len(data)
        if not self._open:
            self._begin()
        if self._open:
            self._read_frames()

    def connection_lost(self, _exception: Exception | None) -> None:
        self.seen.ended = True
        if not self.subscribed.done():
            self.subscribed.set_exception(ConnectionError("refused"))

    def _begin(self) -> None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith(b"HTTP/1.1 101"):
            self.subscribed.set_exception(ConnectionError(head.decode()))
            self._transport.close()
            return
        self._open, self._buffer = True, bytearray(rest)
        self._inflate = zlib.decompressobj(-15)
        said = json.dumps({"action": "subscribe", "channels": CHANNELS}).encode()
        self._transport.write(b"\x81" + bytes([0x80 | len(said)]) + bytes(4) + said)  # mask: zeros

    def _read_frames(self) -> None:
        at, buffer = 0, self._buffer
        while len(buffer) - at >= 2:
            size, head = buffer[at + 1] & 127, 2
            if size > 125:
                form, head = (">H", 4) if size == 126 else (">Q", 10)
                if len(buffer) - at < head:
                    break
                [size] = struct.unpack_from(form, buffer, at + 2)
            if len(buffer) - at < head + size:
                break
            self._hear(buffer[at], bytes(buffer[at + head : at + head + size]))
            at += head + size
        del buffer[:at]

    def _hear(self, first: int, payload: bytes) -> None:
        if first & 15 == 9:
            self._transport.write(b"\x8a" + bytes([0x80 | len(payload)]) + bytes(4) + payload)
            return
        self.seen.frames += 1
        if first & 64:
            payload = self._inflate.decompress(payload + TAIL)
        if not self.subscribed.done():
            self.subscribed.set_result(None)
        elif payload.startswith(ORDER) and (found := SENT.search(payload)):
            self.seen.event(int(found[1]))


class Poller:
    """A page that asks once a second, as `dcc.Interval` does."""

    def __init__(self, host: str, key: str) -> None:
        self.seen, self._host, self._key = Seen(), host, key

    async def run(self, port: int, offset: float, until: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(offset)
        last, due = b"", time.monotonic()
        while time.monotonic() < until:
            try:
                last = await self._ask(reader, writer, last)
            except asyncio.IncompleteReadError:  # not kept alive
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            due += 1
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last: bytes
    ) -> bytes:
        writer.write(
            f"GET /api/v1/dashboard HTTP/1.1\r\nHost: {self._host}\r\n"
            f"X-API-Key: {self._key}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        [size] = re.findall(rb"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(size))
        self.seen.bytes += len(head) + len(body)
        self.seen.frames += 1
        if b"Content-Encoding: gzip" in head:
            body = zlib.decompress(body, 31)
        found = CASH.search(body)
        if found is None or found[0] == last:
            return last
        self.seen.event(_unwrapped(int(found[1] + found[2])))
        return found[0]


def _unwrapped(milliseconds: int) -> int:
    """Return the moment, in nanoseconds, of which only the last digits were told."""
    now = time.time_ns() // 1_000_000
    return (now - (now - milliseconds) % WRAP) * 1_000_000


async def read_feed(port: int, keys: Sequence[str], seconds: float, *, deflate: bool) -> list[Seen]:
    loop, host = asyncio.get_running_loop(), f"127.0.0.1:{port}"
    readers: list[FeedReader] = []
    for start in range(0, len(keys), 20):  # twenty at a time: a crowd, not a burst
        some = [FeedReader(host, key, deflate=deflate) for key in keys[start : start + 20]]
        for reader in some:
            await loop.create_connection(lambda made=reader: made, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.gather(*(reader.subscribed for reader in some))
        readers += some
    print("ready", flush=True)
    for reader in readers:
        reader.seen.heard.clear()
    await asyncio.sleep(1)
    for reader in readers:
        reader.seen.heard.clear()
        reader.seen.bytes = reader.seen.frames = 0
    await asyncio.sleep(seconds)
    return [reader.seen for reader in readers]


async def poll(port: int, keys: Sequence[str], seconds: float) -> list[Seen]:
    host = f"127.0.0.1:{port}"
    pollers = [Poller(host, key) for key in keys]
    until = time.monotonic() + seconds + 1
    print("ready", flush=True)
    runs = (p.run(port, at / len(pollers), until) for at, p in enumerate(pollers))
    await asyncio.gather(*runs)
    return [poller.seen for poller in pollers]


def report(seen: Sequence[Seen], seconds: float) -> dict[str, Any]:
    delays = [(heard - sent) / 1e6 for one in seen for heard, sent in one.heard]
    gaps = [
        (after[0] - before[0]) / 1e9
        for one in seen
        for before, after in zip(one.heard, one.heard[1:], strict=False)
    ]
    return {
        "readers": len(seen),
        "lost": sum(one.ended for one in seen),
        "fewest events": min(len(one.heard) for one in seen),
        "most events": max(len(one.heard) for one in seen),
        "delay": _percentiles(delays),
        "gap": _percentiles(gaps),
        "bytes": sum(one.bytes for one in seen) / len(seen) / seconds,
        "frames": sum(one.frames for one in seen) / len(seen) / seconds,
    }


def _percentiles(values: list[float]) -> list[float]:
    """Return the median, the 99th hundredth and the greatest."""
    values.sort()
    if not values:
        return [float("nan")] * 3
    return [values[len(values) // 2], values[int(len(values) * 0.99)], values[-1]]


def main(kind: str, port: str, seconds: str) -> None:
    keys = sys.stdin.read().split()
    if kind == "poll":
        seen = asyncio.run(poll(int(port), keys, float(seconds)))
    else:
        seen = asyncio.run(
            read_feed(int(port), keys, float(seconds), deflate=kind == "deflated-feed")
        )
    print(json.dumps(report(seen, float(seconds))))


if __name__ == "__main__":
    main(*sys.argv[1:])
