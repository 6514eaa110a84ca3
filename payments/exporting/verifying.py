"""Whether a pack is still what was given out: its files, their totals, and its signature."""

import csv
import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from payments.exporting.defining import CURRENCY
from payments.exporting.files import NATIVE
from payments.exporting.packing import MANIFEST, Totals, as_totals, is_signed

CHUNK = 1024 * 1024
NOT_A_PACK = (zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError)


def faults_of(file: IO[bytes]) -> list[str]:
    """What is wrong with a pack, in words; nothing when it is whole and ours."""
    try:
        with zipfile.ZipFile(file) as pack:
            manifest = json.loads(pack.read(MANIFEST))
            files: dict[str, Any] = dict(manifest["files"])
            return [*_faults_of_manifest(pack, manifest, files), *_faults_of_files(pack, files)]
    except NOT_A_PACK as trouble:
        return [f"This is not a pack of ours: {trouble}."]


def _faults_of_manifest(
    pack: zipfile.ZipFile, manifest: dict[str, Any], files: dict[str, Any]
) -> Iterator[str]:
    if not is_signed(manifest):
        yield "The signature does not fit the manifest."
    present = [name for name in pack.namelist() if name != MANIFEST]
    for name in sorted(set(present) - files.keys()):
        yield f"{name}: not in the manifest."
    for name in sorted({name for name in present if present.count(name) > 1}):
        yield f"{name}: there twice."
    for name in sorted(files.keys() - set(present)):
        yield f"{name}: missing."


def _faults_of_files(pack: zipfile.ZipFile, files: dict[str, Any]) -> Iterator[str]:
    for name in sorted(files.keys() & set(pack.namelist())):
        said = files[name]
        if _sha256(pack, name) != said["sha256"]:
            yield f"{name}: its SHA-256 is another."
        table = name.removesuffix(".csv")
        if table in NATIVE and name.endswith(".csv"):
            rows, totals = _summed(pack, table)
            if rows != said["rows"]:
                yield f"{name}: {rows} rows, and the manifest says {said['rows']}."
            if totals != said["totals"]:
                yield f"{name}: its totals are others than in the manifest."


def _sha256(pack: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with pack.open(name) as found:
        while part := found.read(CHUNK):
            digest.update(part)
    return digest.hexdigest()


def _summed(pack: zipfile.ZipFile, table: str) -> tuple[int, Totals]:
    """The rows of a table and the totals of its amounts, added up from the file itself."""
    export = NATIVE[table]
    names = [export.columns[at].name for at in export.amounts]
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rows = 0
    with pack.open(f"{table}.csv") as found:
        for row in csv.DictReader(io.TextIOWrapper(found, "utf-8", newline="")):
            rows += 1
            for name in names:
                if row[name]:
                    sums[row[CURRENCY.name]][name] += _decimal(row[name])
    return rows, as_totals(sums)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")  # equals nothing, so the totals differ
