"""Ids of what every page shares: the parts of the shell and the stores that the feed fills.

A store's data is a number that rises when the browser's copy of a channel has changed; the copy
itself is in `desk.state` (assets/feed.js), where a lost update could not be overlooked.
"""

from __future__ import annotations

LOCATION = "shell-location"
ADDRESS = "shell-address"  # of the page that is to be shown: assets/address.js
PAGE = "shell-page"
TITLE = "shell-title"
SECOND = "shell-second"  # ticks in the browser alone
TOAST = "shell-toast"

FEED = "feed-started"
ACCOUNT = "feed-account"
ALERTS = "feed-alerts"
BOTS = "feed-bots"
LINKED = "feed-linked"  # rises whenever the whole picture came anew
LOGS = "feed-logs"
PAUSE_STATE = "feed-pause_state"
POSITIONS = "feed-positions"
SCAN = "feed-scan"  # the moment of the last scan
SIGNALS = "feed-signals"
STATS = "feed-stats"
STATUS = "feed-status"
TRADES = "feed-trades"

STORES = (
    *(FEED, ACCOUNT, ALERTS, BOTS, LINKED, LOGS, PAUSE_STATE, POSITIONS, SCAN, SIGNALS, STATS),
    *(STATUS, TRADES),
)
