"""Settings > Plugins: what is there, how it fares, on and off."""
