"""Quotations: written here or elsewhere, and what becomes of them."""
