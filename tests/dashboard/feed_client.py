"""Prints every fact of the journal as it happens; a lost connection costs it nothing.

FEED_URL=ws://127.0.0.1:8050/ws/v1/feed FEED_KEY=bw_... python feed_client.py [LAST_SEQ]
"""

import json
import os
import sys
from collections.abc import Iterator
from threading import Event
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

Said = dict[str, Any]
NOT_WELCOME = 4401  # the key was revoked, or has ended: coming back would not help


def follow(url: str, key: str, last_seq: int) -> Iterator[Said]:
    """Yield facts for ever: each once, in order, those that were missed first."""
    while True:
        try:
            for seq, facts in listen(url, key, last_seq):
                yield from facts
                last_seq = seq
        except ConnectionClosed as ending:
            if ending.rcvd is not None and ending.rcvd.code == NOT_WELCOME:
                raise
        except InvalidStatus as refusal:
            if refusal.response.status_code != 503:  # all places are taken: one will be free
                raise
        except OSError:  # the desk is away
            pass
        Event().wait(0.5)


def listen(url: str, key: str, last_seq: int) -> Iterator[tuple[int, list[Said]]]:
    """Yield the facts of one connection, and up to which number they are all of them."""
    with connect(url, additional_headers={"X-API-Key": key}) as feed:
        ask = {"action": "subscribe", "channels": ["logs"], "last_seq": last_seq}
        feed.send(json.dumps(ask))
        for said in feed:
            message = json.loads(said)
            if message["type"] == "snapshot":
                if not 0 < last_seq <= message["seq"]:  # new here, or the desk is, from a backup
                    yield message["seq"], []
            elif message["type"] == "catch_up":
                yield message["to_seq"], [missed["data"] for missed in message["events"]]
                if message["to_seq"] < message["seq"]:
                    return  # more than one message holds; the next connection gets the rest
            elif "seq" in message.get("data", {}):
                yield message["seq"], [message["data"]]


if __name__ == "__main__":
    since = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    for fact in follow(os.environ["FEED_URL"], os.environ["FEED_KEY"], since):
        print(fact["seq"], fact["at"], fact["kind"], fact["text"], flush=True)
