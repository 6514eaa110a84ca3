"""The pack: every native file of a period with a signed manifest of what is in them (U1, D7)."""

import hashlib
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.utils.crypto import constant_time_compare, salted_hmac

from payments.exporting.defining import Asked, Export, Row
from payments.exporting.files import NATIVE
from payments.exporting.writing import csv_lines, json_lines
from payments.money import major
from payments.proving import Proof, as_data

MANIFEST, PROOF = "manifest.json", "proof.json"
IN_MEMORY = 8 * 1024 * 1024
SALT = "payments.exporting.pack"
Totals = dict[str, dict[str, str]]


def make_pack(*, asked: Asked, proof: Proof, at: datetime) -> IO[bytes]:
    """The pack as a ZIP, from its first byte. Each table is there as CSV and, in json/, as JSON.

    The manifest names each file with its SHA-256, its rows, and the total of every amount by
    currency; its signature covers all of that.
    """
    out: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - handed to the caller
    files: dict[str, Any] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for export in NATIVE.values():
            tally = Tally(export)
            rows = list(tally.counting(export.read(asked)))
            for name, lines in (
                (f"{export.name}.csv", csv_lines(export, asked, rows)),
                (f"json/{export.name}.json", json_lines(export, asked, rows)),
            ):
                digest = _write(pack, name, lines)
                files[name] = {"sha256": digest, "rows": tally.rows, "totals": tally.totals}
        shown = json.dumps(as_data(proof), indent=2, ensure_ascii=False)
        files[PROOF] = {"sha256": _write(pack, PROOF, [shown])}
        manifest = _manifest(asked, proof, files, at)
        _write(pack, MANIFEST, [json.dumps(manifest, indent=2, ensure_ascii=False)])
    out.seek(0)
    return out


class Tally:
    """Rows and sums of what passes by: each amount of a table, by currency."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.rows = 0
        self._sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows += 1
            currency = self.export.currency_of(row)
            for at in self.export.amounts:
                if row[at] is not None:
                    name = self.export.columns[at].name
                    self._sums[currency][name] += major(row[at], currency)
            yield row

    @property
    def totals(self) -> Totals:
        return as_totals(self._sums)


def as_totals(sums: dict[str, dict[str, Decimal]]) -> Totals:
    return {
        currency: {name: f"{minor:f}" for name, minor in sorted(by_name.items())}
        for currency, by_name in sorted(sums.items())
    }


def _write(pack: zipfile.ZipFile, name: str, lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    with pack.open(name, "w") as out:
        for line in lines:
            found = line.encode()
            digest.update(found)
            out.write(found)
    return digest.hexdigest()


def _manifest(asked: Asked, proof: Proof, files: dict[str, Any], at: datetime) -> dict[str, Any]:
    manifest = {
        "format": 1,
        "start": asked.start.isoformat() if asked.start else None,
        "last_day": asked.last_day.isoformat(),
        "zone": str(asked.zone),
        "made_at": at.isoformat(),
        "invariants": {verdict.check.code: verdict.holds for verdict in proof.verdicts},
        "files": files,
    }
    return manifest | {"signature": signature_of(manifest)}


def signature_of(manifest: dict[str, Any]) -> str:
    """A keyed hash (SECRET_KEY) of all that the manifest says but its signature."""
    said = {name: value for name, value in manifest.items() if name != "signature"}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()


def is_signed(manifest: dict[str, Any]) -> bool:
    return constant_time_compare(str(manifest.get("signature", "")), signature_of(manifest))
