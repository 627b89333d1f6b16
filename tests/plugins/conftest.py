"""Leads that go from one status to another, and a worker, as in the tests of statuses."""

from tests.leads.statuses.conftest import ada, choose, new_lead, runs, status, work  # noqa: F401  # fixtures
