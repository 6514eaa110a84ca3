"""Everything about one person in one file, complete by the inventory (R10)."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from operator import attrgetter

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accounts.audit_trail import AuditEntry
from accounts.classifying import of_people
from accounts.erasing import ask_for_erasure
from accounts.exporting import as_data, export_of, named
from accounts.merging import accounts_of
from portal.privacy_files import export_file, table_csv
from tests.accounts.intake import MORE
from tests.builders import make_runner, make_staff
from tests.lives import CANARIES, NAME, WORDS, a_life, is_written_to_us
from tests.practice import open_practice

NOW = datetime.now(UTC)


@pytest.fixture
def person(db):
    found = a_life(open_practice(), at=NOW)
    ask_for_erasure(person=found, by=found, at=NOW, gives_up_credits=True)
    return found


def plain(value):
    """A value as a file has it."""
    if value is None or isinstance(value, bool | int | dict | list):
        return value
    if isinstance(value, Model):
        return named(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def test_it_has_every_exported_field_of_every_table(person):
    data = as_data(person, export_of(person, by=person, at=NOW), at=NOW)["tables"]

    for table in of_people():
        if not table.exported:
            continue
        name = table.label.lower().replace(".", "_")
        rows = list(table.rows(*accounts_of(person)))
        if name != "accounts_auditentry":  # the export itself adds one
            assert len(rows) == len(data.get(name, [])), f"the life leaves no trace in {name}"
        assert rows, name
        for row, shown in zip(rows, data[name], strict=False):
            assert list(shown) == table.exported
            for field in table.exported:
                read = table.decoded.get(field, attrgetter(field))
                assert shown[field] == plain(read(row)), f"{name}.{field}"


def test_every_canary_is_in_it_and_no_secret(person):
    whole = json.dumps(
        as_data(person, export_of(person, by=person, at=NOW), at=NOW), ensure_ascii=False
    )

    for canary in CANARIES:
        assert canary in whole, canary
    assert person.password not in whole
    for table in of_people():
        secrets = {"token", "session_key", "code_hash", "password", "data"} & set(table.kinds)
        assert not secrets & set(table.exported), table.label


def test_what_is_about_her_health_reads_as_she_wrote_it(person):
    data = as_data(person, export_of(person, by=person, at=NOW), at=NOW)["tables"]

    [given] = data["accounts_intakeanswers"]
    assert {"question": MORE, "answer": f"My {WORDS}."} in given["answers"]
    assert given["form"] == "Before you come, version 1"
    assert [note["words"] for note in data["accounts_treatmentnote"]] == [f"Her {WORDS}."]


def test_nobody_elses_rows_are_in_it(person):
    other = make_runner("somebody.else@example.org", "Somebody Else")

    found = export_of(other, by=other, at=NOW)

    assert {rows.name for rows in found} == {"accounts_user", "accounts_runnerprofile"}
    whole = json.dumps(as_data(person, export_of(person, by=person, at=NOW), at=NOW))
    assert other.email not in whole


@pytest.mark.parametrize(
    ("hers", "others"),
    [("ana@example.org", "joana@example.org"), ("bob@x.co", "bob@x.com"), ("a.b@x.co", "aXb@x.co")],
)
def test_an_address_that_is_part_of_anothers_finds_only_its_own(db, hers, others):
    open_practice()
    one = make_runner(hers, "One")
    is_written_to_us(hers, NOW)
    is_written_to_us(others, NOW)

    data = as_data(one, export_of(one, by=one, at=NOW), at=NOW)["tables"]

    assert others not in json.dumps(data)
    for name in ("cms_enquiry", "wagtailforms_formsubmission", "payments_stripeevent"):
        assert hers in json.dumps(data[name]), name


def test_the_file_has_it_as_json_and_each_table_as_csv(person):
    found = export_of(person, by=person, at=NOW)
    response = export_file(person, found, at=NOW)

    pack = zipfile.ZipFile(io.BytesIO(response.content))
    data = json.loads(pack.read("everything.json"))
    for rows in found:
        lines = list(csv.reader(io.StringIO(pack.read(f"{rows.name}.csv").decode())))
        assert lines[0] == rows.columns
        assert len(lines) - 1 == len(rows.rows) == len(data["tables"][rows.name])
    assert "about.txt" in pack.namelist()


def test_a_cell_is_never_a_formula(person):
    person.name = "=HYPERLINK(1)"
    person.save()
    [rows] = [each for each in export_of(person, by=person, at=NOW) if each.name == "accounts_user"]

    assert "'=HYPERLINK(1)" in table_csv(rows)


def test_it_is_noted_who_made_it(person):
    staff = make_staff()
    export_of(person, by=staff, at=NOW)

    entry = AuditEntry.objects.get(action="export.person")
    assert (entry.by, entry.runner) == (staff.public_id, person.public_id)
    assert NAME not in str(entry.after)


def test_it_takes_a_query_or_two_a_table_however_much_there_is(person):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        export_of(person, by=person, at=NOW)

    assert len(asked) <= 3 * sum(1 for table in of_people() if table.exported) // 2 + 20
