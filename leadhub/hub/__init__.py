"""The hub itself: its language, time zone, country and currency.  One row."""
