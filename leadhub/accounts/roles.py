"""Which role may do what.  Roles are fixed; every check names a permission, never a role."""

READ_LEADS = "leads.read"
WRITE_LEADS = "leads.write"
ADMINISTER = "hub.administer"

ROLES: dict[str, frozenset[str]] = {
    "admin": frozenset({READ_LEADS, WRITE_LEADS, ADMINISTER}),
    "manager": frozenset({READ_LEADS, WRITE_LEADS}),
    "agent": frozenset({READ_LEADS, WRITE_LEADS}),
    "viewer": frozenset({READ_LEADS}),
}
