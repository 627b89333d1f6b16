"""The company's logo: a small picture, looked at before it is kept.  Pure.

Every reader of the picture (browsers, what makes the PDF) trusts what stands in its head, so that is read here: what it
is, and how large it is once it is unpacked.
"""

import base64
import struct
from dataclasses import dataclass
from typing import IO

from flask_babel import gettext as _

from leadhub.leads.checks import FieldRefused

KB = 1000
LOGO_MAX = 300 * KB  # bytes
SIDE_MAX = 4000  # pixels
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
HEAD = 30  # bytes that each of them has
NO_SIZE = {0xC4, 0xC8, 0xCC}  # JPEG markers among those of frames that begin no frame (ITU-T T.81, table B.1)


@dataclass(frozen=True, slots=True)
class Logo:
    """``content`` is base64, ``type`` a media type; both are empty for none."""

    content: str = ""
    type: str = ""


def read_logo(stream: IO[bytes]) -> Logo:
    """Raises ``FieldRefused`` for ``logo``."""
    content = stream.read(LOGO_MAX + 1)
    if len(content) > LOGO_MAX:
        raise FieldRefused("logo", _("This picture is larger than %(count)s kB.", count=LOGO_MAX // KB))
    try:
        found = _looked_at(content)
    except (IndexError, struct.error):  # it ends before its head does
        found = None
    if found is None:
        raise FieldRefused("logo", _("Choose a picture: PNG, JPEG or WebP."))
    kind, width, height = found
    if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX):
        raise FieldRefused("logo", _("This picture has more than %(count)s pixels on one side.", count=SIDE_MAX))
    return Logo(base64.b64encode(content).decode(), kind)


def _looked_at(content: bytes) -> tuple[str, int, int] | None:
    """Type, width and height by the first bytes; None for what is no such picture."""
    if len(content) < HEAD:
        return None
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return PNG, *struct.unpack(">II", content[16:24])
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _jpeg(content: bytes) -> tuple[str, int, int] | None:
    """From marker to marker until the one that begins the frame."""
    place = 2
    while content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:  # a filler
            place += 1
        elif 0xC0 <= marker <= 0xCF and marker not in NO_SIZE:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return JPEG, width, height
        else:
            place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
    return None


def _webp(content: bytes) -> tuple[str, int, int] | None:
    """RFC 9649, 2.5 to 2.7."""
    kind = content[12:16]
    if kind == b"VP8X":
        return WEBP, 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if kind == b"VP8L" and content[20] == 0x2F:
        packed = int.from_bytes(content[21:25], "little")
        return WEBP, 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", content[26:30])
        return WEBP, width & 0x3FFF, height & 0x3FFF
    return None
