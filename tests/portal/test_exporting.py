"""Everything about one person in one file, complete by the inventory (R10)."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from operator import attrgetter

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.audit_trail import AuditEntry
from accounts.classifying import of_people
from accounts.erasing import ask_for_erasure
from accounts.exporting import as_data, export_of, named
from accounts.health_data import reads_of
from accounts.merging import accounts_of
from accounts.roles import MANAGERS, OWNERS
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


# what is about her health, by staff --------------------------------------------------------
HEALTH = {"accounts_intakeanswers", "accounts_treatmentnote"}


def of_role(role):
    colleague = make_staff("boss@example.org", "Bo Boss")
    colleague.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(colleague)
    return client


def by_page(client, person):
    response = client.post(reverse("staff:person_export", args=[person.public_id]))
    assert response.status_code == 200
    pack = zipfile.ZipFile(io.BytesIO(response.content))
    return json.loads(pack.read("everything.json")), pack.read("about.txt").decode()


def by_api(client, person, **headers):
    address = f"/api/v1/staff/runners/{person.public_id}/export/"
    response = client.post(address, content_type="application/json", headers=headers)
    assert response.status_code == 200, response.content
    return response


def test_a_manager_takes_away_nothing_about_health(person):
    manager = of_role(MANAGERS)

    shown, about = by_page(manager, person)
    told = by_api(manager, person).json()

    for data in (shown, told):
        assert data["left_out"] == ["health"]
        assert not HEALTH & set(data["tables"])
        assert f"My {WORDS}." not in str(data)
        assert f"Her {WORDS}." not in str(data)
        assert NAME in str(data)
    assert "health is not in this file" in about
    page = manager.get(reverse("staff:person_privacy", args=[person.public_id])).content.decode()
    assert "health is left out" in page
    assert reads_of(person) == []


@pytest.mark.parametrize(
    "take",
    [lambda *who: by_page(*who)[0], lambda *who: by_api(*who).json()],
    ids=["page", "api"],
)
def test_an_owner_takes_it_away_and_that_is_a_look(person, take):
    owner = of_role(OWNERS)

    data = take(owner, person)

    assert set(data["tables"]) >= HEALTH
    assert data["left_out"] == []
    assert [read.who for read in reads_of(person)] == ["Bo Boss"]
    page = owner.get(reverse("staff:person_privacy", args=[person.public_id])).content.decode()
    assert "counts as reading it" in page


def test_without_the_trail_no_health_leaves(person, monkeypatch):
    def broken(action, **more):
        raise RuntimeError(action)

    colleague = make_staff()
    monkeypatch.setattr("accounts.auditing.record", broken)
    with pytest.raises(RuntimeError, match=r"health\.read"):
        export_of(person, by=colleague, at=NOW, reads_health=True)


def test_her_own_export_is_no_look_at_her(person):
    export_of(person, by=person, at=NOW)

    assert reads_of(person) == []
