"""Leads and their history.  ``services`` is the only door to them."""
