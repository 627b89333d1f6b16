"""The field catalogue: what a lead can hold, its own fields and those that an admin adds."""
