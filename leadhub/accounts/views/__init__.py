"""Pages of people: one's own, those of admins, and passwords chosen through a link."""
