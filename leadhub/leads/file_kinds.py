"""What a file is by its first bytes, whether its name says something else, and what of its name may be shown."""

import codecs
import re
import unicodedata

NAME_MAX = 200  # letters
_ENDING_MAX = 20
_TURNING = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))  # letters that turn the others around
_UNSHOWN = ("Cc", "Cs", "Zl", "Zp")  # Unicode's categories: control, half a letter, new line, new paragraph
_ENDING = re.compile(r"\.([a-z0-9]{1,10})$")
_BLANK = b"\xef\xbb\xbf \t\r\n"  # and a byte order mark
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OFFICE = (*_ZIP, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # the last one where it has a password
_BEGINNINGS = {
    "7z": (b"7z\xbc\xaf\x27\x1c",),
    "bmp": (b"BM",),
    "docx": _OFFICE,
    "gif": (b"GIF87a", b"GIF89a"),
    "gz": (b"\x1f\x8b",),
    "jpeg": (b"\xff\xd8\xff",),
    "jpg": (b"\xff\xd8\xff",),
    "odp": _ZIP,
    "ods": _ZIP,
    "odt": _ZIP,
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "pptx": _OFFICE,
    "rar": (b"Rar!\x1a\x07",),
    "rtf": (b"{\\rtf",),
    "tif": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "webp": (b"RIFF",),
    "xlsx": _OFFICE,
    "zip": _ZIP,
}
_TEXTS = {"csv", "eml", "htm", "html", "ics", "json", "log", "md", "svg", "tsv", "txt", "vcf", "xml"}
_LOOSE = {"avi", "doc", "heic", "m4a", "mov", "mp3", "mp4", "msg", "ppt", "wav", "xls"}  # of many kinds under one name
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # texts whose bytes are half NUL


def clean_name(name: str) -> str:
    """The last part of what a file was called, without what can't be shown or would turn the rest around."""
    shown = "".join(
        letter for letter in name if unicodedata.category(letter) not in _UNSHOWN and letter not in _TURNING
    )
    last = re.split(r"[/\\]", shown.rstrip("/\\"))[-1].strip()
    if not last.strip(". "):
        return "file"
    stem, dot, ending = last.rpartition(".")
    if not stem or len(ending) > _ENDING_MAX:
        return last[:NAME_MAX].rstrip()
    return stem[: NAME_MAX - len(ending) - 1] + dot + ending


def kind_of(name: str, head: bytes) -> str:
    """A media type, such as ``application/pdf``, to be shown and never to be served."""
    is_text = _is_text(head)
    least = 4 if is_text else 2  # bytes that must agree: two letters begin many a text
    import puremagic  # reads its tables of signatures: at first use

    try:
        found = puremagic.magic_string(head)  # never with the name: newer ones open a file that is called so
    except puremagic.PureError:
        found = []
    known = [match for match in found if match.mime_type and match.offset >= 0 and len(match.byte_match) >= least]
    named = [match for match in known if match.extension == f".{_ending_of(name)}"]
    for match in (*named, *known):
        return str(match.mime_type)[:100]
    return "text/plain" if is_text else "application/octet-stream"


def says_otherwise(name: str, head: bytes) -> bool:
    """Has the name an ending that we know, and the file a content that can't be meant by it?"""
    ending = _ending_of(name)
    if ending in _BEGINNINGS:
        begins = head.lstrip(_BLANK) if ending == "pdf" else head
        return not begins.startswith(_BEGINNINGS[ending]) or (ending == "webp" and head[8:12] != b"WEBP")
    if ending in _TEXTS:
        return b"\0" in head and not head.startswith(_WIDE)
    return ending in _LOOSE and head.startswith(_PROGRAMS)


def _ending_of(name: str) -> str:
    found = _ENDING.search(name.lower())
    return found[1] if found else ""


def _is_text(head: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter may be cut in two at the end
    except UnicodeDecodeError:
        return False
    return "\0" not in text
