"""Where a lead stands in its pipeline: moves, their rules, the path, the place within a stage."""
