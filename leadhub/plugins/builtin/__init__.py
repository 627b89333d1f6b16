"""Plugins that ship with the hub.  They may import ``leadhub.plugins.api`` and nothing else of it."""
