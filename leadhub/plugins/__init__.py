"""Plugins: the contract (``api``), the host, and those that ship with the hub."""
