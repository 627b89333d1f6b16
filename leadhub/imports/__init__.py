"""Files of leads: what they are, what their columns mean, and the way through the door."""
