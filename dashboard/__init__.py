"""The face of the desk: pages, feed and API."""

from dashboard.app import create_app

__all__ = ["create_app"]
