"""What statuses mean and which colours they have, in words."""

from typing import Any

from flask_babel import lazy_gettext as _l

from leadhub.statuses.rules import IN_PROGRESS, LOST, OPEN, WON

KIND_LABELS: dict[str, Any] = {OPEN: _l("To do"), IN_PROGRESS: _l("In progress"), WON: _l("Won"), LOST: _l("Lost")}
COLOUR_LABELS: dict[str, Any] = {
    "blue": _l("Blue"),
    "azure": _l("Azure"),
    "indigo": _l("Indigo"),
    "purple": _l("Purple"),
    "pink": _l("Pink"),
    "red": _l("Red"),
    "orange": _l("Orange"),
    "yellow": _l("Yellow"),
    "lime": _l("Lime"),
    "green": _l("Green"),
    "teal": _l("Teal"),
    "cyan": _l("Cyan"),
    "brown": _l("Brown"),
    "slate": _l("Slate"),
    "gray": _l("Grey"),
    "black": _l("Black"),
}
