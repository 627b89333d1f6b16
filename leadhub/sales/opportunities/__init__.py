"""Opportunities: what may be sold, for how much, by when."""
