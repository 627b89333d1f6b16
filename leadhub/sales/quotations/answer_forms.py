"""What a customer says of a quotation."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from leadhub.forms import Form
from leadhub.sales.quotations.decisions import NAME_MAX, NOTE_MAX


def _stripped(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class AcceptForm(Form):
    """Yes, and who says so."""

    name = StringField(
        _l("Your name"),
        [DataRequired(), Length(max=NAME_MAX)],
        filters=[_stripped],
        render_kw={"autocomplete": "name"},
    )


class DeclineForm(AcceptForm):
    """No, and why: in words, if they like."""

    note = TextAreaField(
        _l("Why? You need not say."), [Length(max=NOTE_MAX)], filters=[_stripped], render_kw={"rows": 3}
    )
