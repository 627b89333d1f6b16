"""Statuses: where the documents of a lead stand."""
