"""The status of a lead: the facts that it follows, its history, what is done when one is entered."""
