"""One file that holds a whole hub, for SQLite and PostgreSQL alike: written while it works, restored into an empty one.

``docs/adr/0012-one-backup-format.md`` says why it is a format of our own.
"""
