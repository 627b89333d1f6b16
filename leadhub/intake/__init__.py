"""Doors of sources: what a plugin receives, fetches or asks in a form becomes leads."""
