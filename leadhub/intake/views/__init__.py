"""Pages of doors: the admins’ own, and what strangers reach."""
