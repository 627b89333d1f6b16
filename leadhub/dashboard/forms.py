"""The form of the page on which cards are chosen, ordered and sized."""

from flask_babel import gettext as _
from wtforms import SelectMultipleField, StringField

from leadhub.dashboard.layouts import ACTS, SIZES, LayoutDraft, Slot
from leadhub.errors import RuleBroken
from leadhub.forms import Form


class Garbled(RuleBroken):
    """Nothing that the page sends."""

    status = 422


class LayoutForm(Form):
    """``card``: each that the page shows, such as ``small new_leads``; ``act``: what was pressed, such as ``remove
    new_leads``."""

    card = SelectMultipleField(validate_choice=False)
    act = StringField()

    def to_draft(self) -> LayoutDraft:
        """Raises ``Garbled``."""
        slots = [Slot(key, size) for size, key in map(_pair, self.card.data or [])]
        act, key = _pair(self.act.data or "")
        if any(slot.size not in SIZES for slot in slots) or (act and act not in ACTS):
            raise Garbled(_("This layout can’t be understood. Load the page again."))
        return LayoutDraft(slots=slots, act=act, key=key)


def _pair(text: str) -> tuple[str, str]:
    word, _space, key = text.partition(" ")
    return word, key
