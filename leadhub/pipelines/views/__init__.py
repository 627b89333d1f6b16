"""Settings > Pipelines."""
