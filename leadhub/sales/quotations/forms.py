"""A quotation that LeadHub writes: its form, and why it was lost."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from leadhub.forms import choices
from leadhub.sales.documents import OPEN, Quotation
from leadhub.sales.drafts import WrittenDraft
from leadhub.sales.forms import LossForm, sensible_day
from leadhub.sales.lined_forms import TEXT_MAX, LinedForm, stripped
from leadhub.web import LANGUAGES

ADDRESSEE_MAX = 1000
FILLED = ("title", "currency", "addressee", "language", "valid_until", "terms", "lines")


class WrittenForm(LinedForm):
    """What somebody tells of a quotation."""

    addressee = TextAreaField(_l("Addressee"), [Length(max=ADDRESSEE_MAX)], filters=[stripped], render_kw={"rows": 4})
    language = SelectField(_l("Language of the quotation"), choices=choices(LANGUAGES.items()))
    valid_until = DateField(_l("Valid until"), [Optional(), sensible_day])
    terms = TextAreaField(_l("Terms"), [Length(max=TEXT_MAX)], filters=[stripped], render_kw={"rows": 4})

    @classmethod
    def of(cls, draft: WrittenDraft, *, version: int = 0, is_sent: bool = True) -> "WrittenForm":
        """``is_sent``: what was posted is for this form, if anything was."""
        data: dict[str, Any] = {name: getattr(draft, name) for name in FILLED} | {"version": str(version or "")}
        return cls(data=data) if is_sent else cls(None, data=data)

    def to_draft(self) -> WrittenDraft:
        return WrittenDraft(
            currency=self.currency.data, lines=self.lines.data, title=self.title.data or "",
            addressee=self.addressee.data or "", language=self.language.data, valid_until=self.valid_until.data,
            terms=self.terms.data or "",
        )  # fmt: skip


class LostForm(LossForm):
    """Why it was lost, and whether its opportunity goes with it."""

    keeps_opportunity = BooleanField(_l("Keep the opportunity open"))

    @classmethod
    def of(cls, row: Quotation) -> "LostForm":
        form = cls()
        if row.opportunity and row.opportunity.state == OPEN:
            form.keeps_opportunity.description = _(
                "Otherwise “%(title)s” is lost with it.", title=row.opportunity.title
            )
        else:
            del form.keeps_opportunity
        return form

    @property
    def keeps(self) -> bool:
        return "keeps_opportunity" in self and bool(self.keeps_opportunity.data)
