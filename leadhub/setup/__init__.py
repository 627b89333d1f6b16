"""The first visit, and the sample data that it may bring."""
