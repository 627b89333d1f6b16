"""From the bytes of a file to the name of its encoding, and no further.  Refuses what is no text."""

import codecs
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _

from leadhub.imports.refusals import UnreadableFile

_CHUNK = 1 << 20
_HEAD = 1 << 16
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
_BINARIES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"SQLite format", b"{\\rtf", b"\x7fELF", b"MZ\x90")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
_WEB_PAGE = re.compile(rb"<(!doctype html|html|head|body)[\s>]", re.IGNORECASE)
_OTHER_FORMAT = re.compile(rb"<\?xml|[\[{]\s*[\[{\"]|begin:v(card|calendar)", re.IGNORECASE)  # XML, JSON, vCard
_LONG_RUN = re.compile(rb"[\x80-\xff]{3,}")
_WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœúùûüÿßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜŸ€£«»’‘“”–—…·°²ª№\u00a0")

BYTE_AS_CP1252 = "leadhub.byte_as_cp1252"
"""Error handler: single bytes that are no UTF-8 are read as Windows-1252."""


def _byte_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(BYTE_AS_CP1252, _byte_as_cp1252)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextFile:
    """How to open the file as text.  ``has_nul``: some cell may hold a NUL."""

    encoding: str
    errors: str
    sha256: str
    has_nul: bool


def inspect(path: Path) -> TextFile:
    """Read the whole file once, in pieces.  Raises ``UnreadableFile`` for what is no text."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    refuse_what_is_no_text(head)
    utf16 = _utf16(head)
    checks = _read_through(path)
    if utf16:
        return TextFile(encoding=utf16, errors="replace", sha256=checks.sha256, has_nul=True)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if checks.nuls * 100 > checks.size or controls * 100 > len(head):
        raise UnreadableFile(_("This file is not text. Save the table as CSV and try again."))
    encoding, errors = _encoding(path, head, checks)
    return TextFile(encoding=encoding, errors=errors, sha256=checks.sha256, has_nul=bool(checks.nuls))


@dataclass(slots=True)
class _Checks:
    sha256: str = ""
    size: int = 0
    nuls: int = 0
    ascii: bool = True
    faults: int = 0  # places that are no UTF-8
    cut: bool = False  # the file ends inside a letter
    letters: int = 0  # letters outside ASCII that are sound UTF-8


def _read_through(path: Path) -> _Checks:
    checks, digest = _Checks(), hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            checks.size += len(chunk)
            checks.nuls += chunk.count(0)
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            checks.ascii = False
            _count_letters(checks, decoder.decode(chunk))
    checks.cut = bool(decoder.getstate()[0])
    checks.sha256 = digest.hexdigest()
    return checks


def _count_letters(checks: _Checks, text: str) -> None:
    others = text.encode("ascii", "ignore")
    try:
        text.encode("utf-8")
        faults = 0
    except UnicodeEncodeError:
        faults = sum("\udc80" <= letter <= "\udcff" for letter in text)
    checks.faults += faults
    checks.letters += len(text) - len(others) - faults


def _encoding(path: Path, head: bytes, checks: _Checks) -> tuple[str, str]:
    if checks.ascii:
        return "ascii", "strict"
    name = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    if not checks.faults and (checks.letters or not checks.cut):
        return name, "replace"  # at most the last letter, where the file was cut off
    if name == "utf-8-sig" or checks.letters > 20 * checks.faults:
        return name, BYTE_AS_CP1252
    return _eight_bit(_lines_with_high_bytes(path)), "replace"


def refuse_what_is_no_text(head: bytes) -> None:
    """Raise ``UnreadableFile`` where the first bytes say what the file is, and it is no table."""
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        raise UnreadableFile(_("This file is empty."))
    if head.startswith(_ARCHIVES):
        raise UnreadableFile(_("This is an Excel workbook or an archive, not a CSV file. Save the table as CSV."))
    if head.startswith(_BINARIES):
        raise UnreadableFile(_("This file is not text. Save the table as CSV and try again."))
    if text.startswith(b"<") and _WEB_PAGE.search(text[:4096]):
        raise UnreadableFile(_("This is a web page, not a table of leads. Download the file itself, not its page."))
    if _OTHER_FORMAT.match(text):
        raise UnreadableFile(_("This file is not a table with rows and columns. Save the table as CSV."))


def _utf16(head: bytes) -> str:
    """The name of the UTF-16 the file is in, or nothing.  Without a mark: every other byte of plain text is NUL."""
    for mark, name in _BOMS[1:]:
        if head.startswith(mark):
            return name
    low, high = head[0::2], head[1::2]
    if high and high.count(0) > 0.4 * len(high) and low.count(0) < 0.02 * len(low):
        return "utf-16-le"
    if low and low.count(0) > 0.4 * len(low) and high.count(0) < 0.02 * len(high):
        return "utf-16-be"
    return ""


def _lines_with_high_bytes(path: Path) -> bytes:
    found, size = [], 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                found.append(line[:4096])
                size += len(found[-1])
                if size > _HEAD:
                    break
    return b"".join(found)


def _eight_bit(sample: bytes) -> str:
    """Western letters stand alone among plain ones, in Windows-1252 or Mac Roman; other scripts come in runs."""
    high = bytes(byte for byte in sample if byte > 127)
    in_runs = sum(len(run) for run in _LONG_RUN.findall(sample))
    if in_runs < 0.3 * len(high):
        for name in ("cp1252", "mac_roman"):
            if sum(letter in _WESTERN for letter in high.decode(name, "replace")) >= 0.8 * len(high):
                return name
    return _normalizer_says(sample) or "cp1252"


def _normalizer_says(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # heavy: only for files that need it

    best = from_bytes(sample).best()
    return best.encoding if best is not None and best.percent_chaos < 10 else ""
