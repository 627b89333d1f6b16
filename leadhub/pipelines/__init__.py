"""Pipelines and their stages: what the conversation with somebody goes through."""
