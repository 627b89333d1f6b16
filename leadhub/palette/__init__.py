"""The command palette: leads, kept views and whatever a person may do, found by a few letters; and the page of keys."""
