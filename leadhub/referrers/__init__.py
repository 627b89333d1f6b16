"""What names what: the guard before a row that something depends on is deleted."""
