"""Users, roles, sign-in, and the one rule of who sees what."""
