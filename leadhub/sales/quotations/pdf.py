"""A quotation as a PDF file, made by WeasyPrint where that is installed; it is heavy, so the worker alone loads it.

Nothing is fetched for it: the sheet's style comes along, its logo is inside, and every other address is refused.
"""

import ctypes
import importlib.util
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path

import structlog
from flask import current_app
from flask_babel import force_locale

from leadhub.extensions import db
from leadhub.jobs.mail import Attachment
from leadhub.sales.documents import Quotation
from leadhub.sales.quotations.sheets import file_name_of, language_of, words_of

STYLE = Path(__file__).parents[2] / "static" / "document.css"
LIBRARIES = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
"""What WeasyPrint loads (weasyprint/text/ffi.py)."""
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian's, which bring the libraries along."""
QUOTATION = "quotation"  # what mails know it by
PAGE = "sales/quotations/print.html"
FILE_MAX = 20_000_000  # bytes
log = structlog.get_logger()


def is_installed() -> bool:
    return importlib.util.find_spec("weasyprint") is not None


@cache
def missing_libraries() -> tuple[str, ...]:
    """Of those that WeasyPrint loads; asked without loading it."""
    return tuple(name for name in LIBRARIES if not _loads(name))


def works() -> bool:
    """Can PDF files be made here?"""
    return is_installed() and not missing_libraries()


def html_of(row: Quotation) -> str:
    """The page that the file is made of.  The same page makes the same file."""
    with force_locale(language_of(row)):
        return current_app.jinja_env.get_template(PAGE).render(words_of(row) | {"is_file": True})


def made_of(html: str) -> bytes:
    """The file.  Needs no app."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # its warnings quote what stands on the page
    fonts, fetcher = FontConfiguration(), URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    style = CSS(string=STYLE.read_text(), url_fetcher=fetcher, font_config=fonts)
    page = HTML(string=html, url_fetcher=fetcher)
    return bytes(page.write_pdf(stylesheets=[style], font_config=fonts))


def attachment(quotation_id: int) -> Callable[[], Attachment | None]:
    """For a mail: the file is made when the mail is sent.  None where it can't be: the mail has the link."""
    row = db.session.get(Quotation, quotation_id)
    if row is None or not works():
        return lambda: None
    name, html = file_name_of(row), html_of(row)

    def make() -> Attachment | None:
        try:
            content = made_of(html)
        except Exception:  # of a library that draws; a mail without its file is better than none
            log.exception("the PDF of a quotation was not made", id=quotation_id)
            return None
        return Attachment(name=name, content=content) if len(content) <= FILE_MAX else None

    return make


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
