"""Archives, and documents that are archives: looked at before anything in them is unpacked."""

from __future__ import annotations

import zipfile
from io import BytesIO

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from cms.uploads.errors import UploadRefused
from cms.uploads.kinds import IN_WORDS, OLE, kind_of

MAX_UNPACKED = 60 * 1024 * 1024
MAX_RATIO = 200  # of text to its packed form; documents reach 30
MAX_MEMBERS = 2000
_SMALL = 1024 * 1024
_LOCKED = 0x1

BROKEN = "The file is broken: it cannot be unpacked. Save it again and try once more."
BOMB = "The file unpacks to far more than a document holds, so it was not opened."
LOCKED = "The file is locked with a password. Save it without one and try again."
OLD_OR_LOCKED = (
    "The file is locked with a password, or in Word's old format. "
    "Open it in Word, take the password away, and save it as .docx."
)


def open_safely(data: bytes) -> zipfile.ZipFile:
    """The archive, after its list of contents was found sensible.

    Raises:
        UploadRefused: it is broken, locked, or unpacks to too much.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UploadRefused(BROKEN) from error
    members = archive.infolist()
    if any(member.flag_bits & _LOCKED for member in members):
        raise UploadRefused(LOCKED)
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise UploadRefused(BOMB)
    for member in members:
        if member.file_size > max(_SMALL, member.compress_size * MAX_RATIO):
            raise UploadRefused(BOMB)
    return archive


def member_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """One file of the archive; never longer than its list of contents said.

    Raises:
        UploadRefused: it is broken.
    """
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise UploadRefused(BROKEN) from error
    except Exception as error:
        if type(error).__module__ in ("zlib", "_lzma"):
            raise UploadRefused(BROKEN) from error
        raise


def check_office_document(data: bytes, kind: str) -> None:
    """A Word, Excel or PowerPoint file whose parts can be read and declare no entities.

    Raises:
        UploadRefused: with what is the matter.
    """
    found = kind_of(data)
    if found == OLE:
        raise UploadRefused(OLD_OR_LOCKED)
    with open_safely(data) as archive:
        if found != kind:
            raise UploadRefused(
                f"The file is named like {IN_WORDS[kind]} but holds {IN_WORDS[found]}."
            )
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                _check_xml(member_of(archive, name))
            else:
                member_of(archive, name)


def _check_xml(data: bytes) -> None:
    try:
        ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UploadRefused(BROKEN) from error
