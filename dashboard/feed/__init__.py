"""The live feed: the journal and the current picture, pushed to every reader."""

from dashboard.feed.feed import Feed
from dashboard.feed.routes import mount_feed

__all__ = ["Feed", "mount_feed"]
