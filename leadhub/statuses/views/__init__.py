"""Settings > Statuses."""
