"""Work that no page waits for: effects in the database, a worker that does them, mail."""
