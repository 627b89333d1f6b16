"""Leads without a source: where each may have come from, and its source given to many at once, with an undo."""
