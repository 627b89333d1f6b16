"""Lists of choices that a team grows: sources and lead types."""
