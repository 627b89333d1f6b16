"""Words in the language of the page, where no ``context`` is lent: in forms and widgets."""

from pathlib import Path

from flask_babel import Domain

_domain = Domain([str(Path(__file__).parent / "translations")])
_, _l = _domain.gettext, _domain.lazy_gettext
