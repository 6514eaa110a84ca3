"""Documents and images for tests, built here byte by byte."""

import struct
import zipfile
import zlib
from io import BytesIO

from docx import Document
from PIL import Image, PngImagePlugin

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
LOCKED_PDF = PDF.replace(b"<</Root", b"<</Encrypt 2 0 R/Root")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def image(form="PNG", size=(40, 30), colour="#0f3d36", **saving):
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, form, **saving)
    return out.getvalue()


def photo(form="JPEG"):
    """As a phone takes it: lying on its side, with a place, a camera and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 27.0, 0.0), 3: "W", 4: (2.0, 35.0, 0.0)})
    saving = {"exif": exif}
    if form == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", "SecretComment")
        saving["pnginfo"] = words
    if form == "JPEG":
        saving["comment"] = b"SecretComment"
    return image(form, **saving)


def animation(frames=3, form="GIF"):
    out = BytesIO()
    pictures = [Image.new("RGB", (20, 10), (60 * n, 0, 0)) for n in range(frames)]
    more = {"comment": b"SecretComment"} if form == "GIF" else {}
    pictures[0].save(out, form, save_all=True, append_images=pictures[1:], duration=90, **more)
    return out.getvalue()


def bomb():
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def word(*, title="Calves", paragraphs=("Six weeks into a plan.",), pictures=()):
    document = Document()
    document.add_heading(title, 0)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    for picture in pictures:
        document.add_picture(BytesIO(picture))
    return saved(document)


def saved(document):
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def archive(files, compression=zipfile.ZIP_DEFLATED):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def rewritten(document, **parts):
    """The same Word document with some of its parts replaced; names with a dot for a slash."""
    with zipfile.ZipFile(BytesIO(document)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    return archive(files | parts)


def locked_archive():
    """An archive whose first member says it is encrypted."""
    data = bytearray(archive({"word/document.xml": b"<a/>"}))
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)
