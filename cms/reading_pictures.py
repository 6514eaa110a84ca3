"""The pictures of a document: beside it or inside it, and never fetched from anywhere."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from cms.reading_parts import Picture
from cms.uploads.errors import UploadRefused
from cms.uploads.images import cleaned

MAX_PICTURES = 60


class NoPicture(Exception):
    """Why there is none, for the editor. `link` is where it lies on the web, if it does."""

    def __init__(self, why: str, link: str = "") -> None:
        super().__init__(why)
        self.link = link


def picture_from(
    address: str, beside: Mapping[str, bytes], *, alt: str, caption: str, decorative: bool
) -> Picture:
    """The picture that `address` names: a data URI, or a file beside the document.

    Raises:
        NoPicture: it is on the web, not there, or not an image we keep.
    """
    name = _name_of(address)
    data = _data_of(address, beside)
    try:
        image = cleaned(data)
    except UploadRefused as refusal:
        raise NoPicture(f'The picture "{name}" was left out. {refusal}') from refusal
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return Picture(image, name, alt, caption, decorative, digest)


def _data_of(address: str, beside: Mapping[str, bytes]) -> bytes:
    scheme = address.partition(":")[0].lower()
    if scheme == "data":
        return _data_uri(address)
    if scheme in ("http", "https") or address.startswith("//"):
        raise NoPicture(
            f"The picture at {address[:200]} lies elsewhere and was not fetched: "
            "it is a link now. Upload it if you may use it.",
            link=f"https:{address}" if address.startswith("//") else address,
        )
    wanted = unquote(urlsplit(address).path).removeprefix("./")
    for name in (wanted, PurePosixPath(wanted).name):
        if name in beside:
            return beside[name]
    raise NoPicture(f'The picture "{_name_of(address)}" is not among the files. Send it along.')


def _data_uri(address: str) -> bytes:
    head, _, body = address.partition(",")
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode("".join(unquote(body).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoPicture("A picture inside the document is broken and was left out.") from error


def _name_of(address: str) -> str:
    if address.lower().startswith("data:"):
        return "picture"
    try:
        path = urlsplit(address).path
    except ValueError:
        path = address
    return PurePosixPath(unquote(path)).name[:120] or "picture"
