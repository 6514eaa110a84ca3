"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import zipfile
from io import BytesIO

PDF, OLE, ZIP, DOCX, XLSX, PPTX, ODT, ODS = (
    "pdf",
    "ole",
    "zip",
    "docx",
    "xlsx",
    "pptx",
    "odt",
    "ods",
)
PNG, JPEG, GIF, WEBP, AVIF, SVG = "png", "jpeg", "gif", "webp", "avif", "svg"
HTML, TEXT, UNKNOWN = "html", "text", "unknown"

IN_WORDS = {
    PDF: "a PDF",
    OLE: "an old Office document, or one locked with a password",
    ZIP: "a ZIP archive",
    DOCX: "a Word document",
    XLSX: "a spreadsheet",
    PPTX: "a presentation",
    ODT: "an OpenDocument text",
    ODS: "an OpenDocument spreadsheet",
    PNG: "a PNG image",
    JPEG: "a JPEG image",
    GIF: "a GIF image",
    WEBP: "a WebP image",
    AVIF: "an AVIF image",
    SVG: "an SVG drawing",
    HTML: "a web page",
    TEXT: "plain text",
    UNKNOWN: "something we do not know",
}

_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
_INSIDE_A_ZIP = (
    ("word/document.xml", DOCX),
    ("xl/workbook.xml", XLSX),
    ("ppt/presentation.xml", PPTX),
)
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": ODS,
}
_LOOKED_AT = 1024


def kind_of(data: bytes) -> str:
    """The kind of a file's content; a broken archive is a ZIP."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis"):
        return AVIF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_archive(data)
    return _kind_of_text(data)


def _kind_of_archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            for name, kind in _INSIDE_A_ZIP:
                if name in names:
                    return kind
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    return _OPEN_DOCUMENT.get(file.read(100).strip(), ZIP)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError):
        pass
    return ZIP


def _kind_of_text(data: bytes) -> str:
    if b"\0" in data[:_LOOKED_AT]:
        return UNKNOWN
    beginning = data[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in beginning and beginning.startswith(
        (b"<svg", b"<?xml", b"<!doctype svg", b"<!--")
    ):
        return SVG
    if beginning.startswith((b"<!doctype html", b"<html")):
        return HTML
    return TEXT
