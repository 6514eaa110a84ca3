"""An image is never kept as it came: it is drawn anew, without what cameras add to it."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageOps, UnidentifiedImageError

from cms.uploads.errors import UploadRefused
from cms.uploads.kinds import IN_WORDS, SVG, TEXT, UNKNOWN, kind_of

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000  # of all frames together
EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}
_WRITING: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 92, "comment": b""},
    "GIF": {"comment": b""},
    "WEBP": {"quality": 90, "exif": b"", "xmp": b""},
    "AVIF": {"quality": 85, "exif": b"", "xmp": b""},
}
# What a picture needs to look as it does; all else of its header says who took it, where and how.
_KEPT = {"transparency", "duration", "loop", "background", "disposal", "icc_profile", "blend"}

TOO_BIG = "The image is larger than 10 MB. Make it smaller and try again."
TOO_MANY_PIXELS = (
    "The image has more than 50 million pixels. Make it smaller, 4000 pixels wide is plenty."
)
BROKEN = "The image is broken or cut short: it cannot be drawn."
NO_SVG = "SVG drawings can carry scripts, so they are not taken. Save it as PNG or WebP."


class CleanFile(ContentFile[bytes]):
    """An image that was drawn anew already."""


@dataclass(frozen=True, slots=True)
class CleanImage:
    data: bytes
    extension: str

    @property
    def digest(self) -> str:
        """As Wagtail tells files apart."""
        return hashlib.sha1(self.data, usedforsecurity=False).hexdigest()

    def as_file(self, stem: str) -> CleanFile:
        return CleanFile(self.data, name=f"{stem}.{self.extension}")


def cleaned(data: bytes) -> CleanImage:
    """The same picture, upright, without EXIF, place, comments or previews.

    Animation stays. The same bytes give the same bytes.

    Raises:
        UploadRefused: it is no image we take, broken, or too large to draw.
    """
    if len(data) > MAX_BYTES:
        raise UploadRefused(TOO_BIG)
    kind = kind_of(data)
    if kind == SVG:
        raise UploadRefused(NO_SVG)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _drawn_anew(data)
        except UnidentifiedImageError as error:
            raise UploadRefused(_no_image(kind)) from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise UploadRefused(TOO_MANY_PIXELS) from error
        except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
            raise UploadRefused(BROKEN) from error


def cleaned_as(name: str, data: bytes) -> CleanImage:
    """As `cleaned`, of a file whose name says truly what it is.

    Raises:
        UploadRefused: also when the name says something else.
    """
    clean = cleaned(data)
    said = PurePath(name).suffix.lower().removeprefix(".").replace("jpeg", "jpg")
    if said != clean.extension:
        raise UploadRefused(
            f"The file is named {PurePath(name).suffix or 'without an ending'} "
            f"but holds {IN_WORDS[kind_of(data)]}. Give it its right name."
        )
    return clean


def _drawn_anew(data: bytes) -> CleanImage:
    with Image.open(BytesIO(data), formats=[*EXTENSIONS]) as image:
        form = "JPEG" if image.format == "MPO" else str(image.format)
        frames = 1 if form == "JPEG" else getattr(image, "n_frames", 1)
        if image.width * image.height * frames > MAX_PIXELS:
            raise UploadRefused(TOO_MANY_PIXELS)
        image.load()
        drawn: Image.Image = image
        if frames == 1:
            drawn = ImageOps.exif_transpose(image)
        drawn.info = {name: value for name, value in drawn.info.items() if name in _KEPT}
        out = BytesIO()
        more = {"save_all": True} if frames > 1 else {}
        drawn.save(out, form, **_WRITING[form], **more)
    return CleanImage(out.getvalue(), EXTENSIONS[form])


def _no_image(kind: str) -> str:
    if kind in (TEXT, UNKNOWN):
        return "The file is not an image we know. Send PNG, JPEG, WebP, AVIF or GIF."
    return f"The file holds {IN_WORDS[kind]}, which cannot be read as an image."
