"""The contract with plugins.  Values in, values out; nothing here imports the rest of LeadHub."""

from leadhub.plugins.api.hooks import API_VERSION, hookimpl
from leadhub.plugins.api.leads import Address, LeadDraft, Reach
from leadhub.plugins.api.sources import Source

__all__ = ["API_VERSION", "Address", "LeadDraft", "Reach", "Source", "hookimpl"]
