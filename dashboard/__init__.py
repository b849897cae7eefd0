"""The face of the desk: pages, feed and API."""
