"""LeadHub: a lightweight CRM for leads.  Imports nothing, so that any part loads alone."""

__version__ = "0.1.0"
