"""Leads as cards in the columns of a pipeline's stages."""
