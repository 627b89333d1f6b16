"""Which role may do what.  Roles are fixed; every check names a permission, never a role."""

READ_LEADS = "leads.read"
WRITE_LEADS = "leads.write"
MANAGE_LEADS = "leads.manage"
IMPORT_LEADS = "leads.import"
EXPORT_LEADS = "leads.export"
ADMINISTER = "hub.administer"

ROLES: dict[str, frozenset[str]] = {
    "admin": frozenset({READ_LEADS, WRITE_LEADS, MANAGE_LEADS, IMPORT_LEADS, EXPORT_LEADS, ADMINISTER}),
    "manager": frozenset({READ_LEADS, WRITE_LEADS, MANAGE_LEADS, IMPORT_LEADS, EXPORT_LEADS}),
    "agent": frozenset({READ_LEADS, WRITE_LEADS}),
    "viewer": frozenset({READ_LEADS}),
}

RANKS = ("viewer", "agent", "manager", "admin")
"""From the least: plugins say the one that somebody must be at least."""

ALL, TEAM, OWN = "all", "team", "own"
REACHES = (ALL, TEAM, OWN)
"""How far a role sees: every record, those of one's team, one's own.  An admin sees all."""


def is_at_least(role: str, least: str) -> bool:
    return role in RANKS and RANKS.index(role) >= RANKS.index(least)
