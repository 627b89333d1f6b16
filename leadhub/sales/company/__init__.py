"""The company that quotes: what stands on its documents."""
