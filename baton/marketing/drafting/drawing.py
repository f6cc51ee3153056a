"""A picture that somebody sends is drawn anew: what it says of itself is not believed, and nothing but pixels stays.

No metadata (place, camera, owner) outlives it, nor anything hidden behind the pixels.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from baton.platform.errors import Refusal

MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000  # of all frames together
MAX_WIDTH = 1200  # twice the width of a mail, for screens that draw two pixels where others draw one
MAX_FRAMES = 150
_READ = ("PNG", "JPEG", "GIF", "WEBP")


class BadPicture(Refusal):
    """What was sent is no picture that can stand in a mail; the sentence says why."""


@dataclass(frozen=True)
class Drawn:
    """The new picture: bytes, media type, and its size in pixels."""

    raw: bytes
    content_type: str
    width: int
    height: int


def drawn_anew(raw: bytes) -> Drawn:
    """PNG, JPEG, WebP or GIF as PNG, JPEG or GIF (Outlook draws no WebP), 1,200 pixels wide at most.

    Raises BadPicture for what is none of these, too large or broken.
    """
    if len(raw) > MAX_BYTES:
        raise BadPicture(_("The picture is larger than 10 MB. Make it smaller; 1,200 pixels in width are enough."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is measured below
            picture = Image.open(io.BytesIO(raw), formats=_READ)
            _check_size(picture)
            return _moving(picture) if _moves(picture) else _still(picture)
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise BadPicture(_too_many()) from None
    except (OSError, ValueError, SyntaxError, EOFError):  # Pillow's words for what it cannot read
        raise BadPicture(_("This is no picture that mail programs draw. Choose a PNG, JPEG, GIF or WebP.")) from None


def _check_size(picture: Image.Image) -> None:
    frames = getattr(picture, "n_frames", 1)
    if picture.width * picture.height * frames > MAX_PIXELS or frames > MAX_FRAMES:
        raise BadPicture(_too_many())


def _too_many() -> str:
    return _("The picture has more than 40 million pixels. Make it smaller; 1,200 pixels in width are enough.")


def _moves(picture: Image.Image) -> bool:
    return picture.format == "GIF" and getattr(picture, "n_frames", 1) > 1


def _moving(picture: Image.Image) -> Drawn:
    if picture.width > MAX_WIDTH:
        raise BadPicture(_("A moving picture may be 1,200 pixels wide at most."))
    out = io.BytesIO()
    picture.save(out, "GIF", save_all=True, optimize=True, comment=b"")
    return Drawn(out.getvalue(), "image/gif", picture.width, picture.height)


def _still(picture: Image.Image) -> Drawn:
    upright = ImageOps.exif_transpose(picture)
    is_clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    fresh = upright.convert("RGBA" if is_clear else "RGB")
    if fresh.width > MAX_WIDTH:
        fresh = fresh.resize((MAX_WIDTH, max(1, round(fresh.height * MAX_WIDTH / fresh.width))))
    as_png = is_clear or picture.format in ("PNG", "GIF")
    bare = Image.new(fresh.mode, fresh.size)
    bare.paste(fresh)
    out = io.BytesIO()
    if as_png:
        bare.save(out, "PNG", optimize=True)
    else:
        bare.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return Drawn(out.getvalue(), "image/png" if as_png else "image/jpeg", bare.width, bare.height)
