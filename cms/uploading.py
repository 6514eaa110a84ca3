"""Documents to import, as they come from a form: one or several, with pictures, or in a ZIP."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

from cms.imports import WaitingImport
from cms.reading import ENDINGS, Document, is_document
from cms.uploads.archives import member_of, open_safely
from cms.uploads.errors import UploadRefused
from cms.uploads.kinds import ZIP, kind_of

if TYPE_CHECKING:
    from accounts.models import User

MAX_FILES = 60
MAX_BYTES = 20 * 1024 * 1024
KEPT_FOR = timedelta(days=1)
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg")


def keep_upload(*, files: Iterable[Any], by: User, at: datetime) -> WaitingImport:
    """Keep what was uploaded until its drafts are made.

    Raises:
        UploadRefused: there is no document among the files, or too much of them.
    """
    packed = _packed(named_files(files))
    waiting: WaitingImport = WaitingImport.objects.create(made_by=by, files=packed, made_at=at)
    return waiting


def documents_of(waiting: WaitingImport) -> list[Document]:
    with zipfile.ZipFile(BytesIO(bytes(waiting.files))) as archive:
        return documents_among({name: archive.read(name) for name in archive.namelist()})


def forget_uploads(*, at: datetime) -> int:
    """Take away uploads that nobody made drafts of within a day."""
    forgotten, _ = WaitingImport.objects.filter(made_at__lt=at - KEPT_FOR).delete()
    return forgotten


def named_files(files: Iterable[Any]) -> dict[str, bytes]:
    """Uploaded files by name, archives unpacked; what is no document and no picture is left out.

    Raises:
        UploadRefused: there is no document among them, or too much of them.
    """
    found: dict[str, bytes] = {}
    for file in files:
        if file.size > MAX_BYTES:
            raise UploadRefused("That is more than 20 MB. Send fewer documents at once.")
        data = file.read()
        name = PurePath(file.name).name
        if PurePath(name).suffix.lower() == ".zip" and kind_of(data) == ZIP:
            found |= _unpacked(data)
        else:
            found[name] = data
        # Before the next one is unpacked: a hundred small archives can be gigabytes together.
        if len(found) > MAX_FILES or sum(map(len, found.values())) > MAX_BYTES:
            raise UploadRefused("That is more than 60 files or 20 MB. Send fewer at once.")
    if not any(map(is_document, found)):
        raise UploadRefused(f"Send at least one document: {', '.join(ENDINGS)}.")
    return found


def documents_among(files: dict[str, bytes]) -> list[Document]:
    """Each document with the pictures it can name: beside it, or by their name alone."""
    pictures = {name: data for name, data in files.items() if not is_document(name)}
    by_name = {PurePosixPath(name).name: data for name, data in pictures.items()}
    return [
        Document(name, data, by_name | _seen_from(PurePosixPath(name).parent, pictures))
        for name, data in files.items()
        if is_document(name)
    ]


def _seen_from(folder: PurePosixPath, pictures: dict[str, bytes]) -> dict[str, bytes]:
    return {
        str(PurePosixPath(name).relative_to(folder)): data
        for name, data in pictures.items()
        if PurePosixPath(name).is_relative_to(folder)
    }


def _unpacked(data: bytes) -> dict[str, bytes]:
    with open_safely(data) as archive:
        return {
            name: member_of(archive, name)
            for name in archive.namelist()
            if is_document(name) or PurePosixPath(name).suffix.lower() in PICTURES
            if not name.startswith("__MACOSX/")
        }


def _packed(files: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
