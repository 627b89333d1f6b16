"""Statistics: cards of plugins that count leads."""
