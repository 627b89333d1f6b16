"""Pages of plugins' own, below ``/x/``, and the files that they bring along."""
