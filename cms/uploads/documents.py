"""Documents for download: only kinds a reader can open, each what its name says it is."""

from __future__ import annotations

from pathlib import PurePath

from cms.uploads.archives import check_office_document, open_safely
from cms.uploads.errors import UploadRefused
from cms.uploads.kinds import DOCX, IN_WORDS, ODS, ODT, PDF, PPTX, TEXT, XLSX, kind_of

MAX_BYTES = 20 * 1024 * 1024
KINDS = {
    "pdf": PDF,
    "docx": DOCX,
    "xlsx": XLSX,
    "pptx": PPTX,
    "odt": ODT,
    "ods": ODS,
    "csv": TEXT,
    "txt": TEXT,
    "ics": TEXT,
}
EXTENSIONS = sorted(KINDS)


def check_document(name: str, data: bytes) -> None:
    """Refuse what is not for download.

    Raises:
        UploadRefused: with what is the matter.
    """
    extension = PurePath(name).suffix.lower().removeprefix(".")
    if extension not in KINDS:
        raise UploadRefused(
            f"Files of this kind are not taken. Send one of: {', '.join(EXTENSIONS)}."
        )
    if not data:
        raise UploadRefused("The file is empty.")
    if len(data) > MAX_BYTES:
        raise UploadRefused("The document is larger than 20 MB. Make it smaller and try again.")
    kind = KINDS[extension]
    if kind in (DOCX, XLSX, PPTX):
        check_office_document(data, kind)
        return
    found = kind_of(data)
    if found != kind:
        raise UploadRefused(f"The file is named .{extension} but holds {IN_WORDS[found]}.")
    if kind == PDF:
        _check_pdf(data)
    elif kind in (ODT, ODS):
        open_safely(data).close()
    else:
        _check_text(data)


def _check_pdf(data: bytes) -> None:
    if b"%%EOF" not in data:
        raise UploadRefused("The PDF is cut short: its end is missing. Save it again.")
    if b"/Encrypt" in data:
        raise UploadRefused(
            "The PDF is locked: readers would need a password. Save it without one and try again."
        )


def _check_text(data: bytes) -> None:
    if b"\0" in data:
        raise UploadRefused("The file is not text: it holds zero bytes.")
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadRefused(
            "The file is not UTF-8 text. Save it as UTF-8 and try again."
        ) from error
