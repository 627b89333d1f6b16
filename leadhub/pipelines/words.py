"""What stages mean, in words."""

from typing import Any

from flask_babel import lazy_gettext as _l

from leadhub.pipelines.models import LOST, OPEN, WON

KIND_LABELS: dict[str, Any] = {OPEN: _l("The conversation goes on"), WON: _l("Won"), LOST: _l("Lost")}
