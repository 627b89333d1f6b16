"""Settings > Diagnostic: what an admin looks at when something seems wrong."""
