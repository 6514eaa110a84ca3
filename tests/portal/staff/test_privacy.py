"""Staff make a copy, delete for somebody who asks, and see the schedule (G2, G6, G7)."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from accounts.audit_trail import AuditEntry
from accounts.consent_texts import decide
from accounts.consents import Channel, Purpose
from accounts.erasing import open_request
from accounts.models import User
from accounts.retention import keep_to_schedule
from tests.builders import make_runner, make_staff
from tests.second_factor import proved_just_now


@pytest.fixture
def ana(db):
    return make_runner("ana@example.org", "Ana Ortiz")


def staff_with(*codenames):
    staff = make_staff()
    about = ContentType.objects.get_for_model(User)
    for codename in codenames:
        permission, _ = Permission.objects.get_or_create(
            content_type=about, codename=codename, defaults={"name": codename}
        )
        staff.user_permissions.add(permission)
    return staff


def test_a_manager_does_for_somebody_what_she_asks(ana):
    manager = staff_with("export_person", "erase_person")
    client = proved_just_now(Client(), manager)
    decide(
        ana, Purpose.MARKETING, agrees=True, channel=Channel.DESK, by=manager, at=datetime.now(UTC)
    )
    page = f"/staff/runners/{ana.public_id}/"

    shown = client.get(f"{page}privacy/").content.decode()
    assert "Told to the practice, noted by <bdi>Sam Reed</bdi>" in shown

    file = client.post(f"{page}export/")
    assert b"ana@example.org" in zipfile.ZipFile(io.BytesIO(file.content)).read("everything.json")
    assert AuditEntry.objects.get(action="export.person").by == manager.public_id

    assert client.post(f"{page}deletion/", {"typed": "no"}).status_code == 422
    assert open_request(ana) is None
    client.post(f"{page}deletion/", {"typed": "delete"})
    assert open_request(ana).asked_by == manager.public_id
    assert "Will be deleted" in client.get(f"{page}privacy/").content.decode()
    client.post(f"{page}deletion/end/")
    assert open_request(ana) is None


def test_the_same_by_api(ana):
    client = proved_just_now(Client(), staff_with("export_person", "erase_person"))
    base = f"/api/v1/staff/runners/{ana.public_id}/"

    assert client.get(f"{base}consents/").json()["decisions"] == []
    exported = client.post(f"{base}export/", content_type="application/json").json()
    assert exported["person"] == str(ana.public_id)
    asked = client.post(f"{base}erasure/", {"confirm": "delete"}, content_type="application/json")
    assert asked.status_code == 201
    assert client.get(f"{base}erasure/").json()["due_at"]
    assert client.delete(f"{base}erasure/").status_code == 204
    assert {rule["code"] for rule in client.get("/api/v1/staff/retention/").json()["rules"]} >= {
        "books",
        "mail",
    }


def test_others_may_do_neither(ana):
    page, base = f"/staff/runners/{ana.public_id}/", f"/api/v1/staff/runners/{ana.public_id}/"
    for who, may_export in ((staff_with(), False), (staff_with("export_person"), True)):
        client = proved_just_now(Client(), who)
        assert client.post(f"{page}deletion/", {"typed": "delete"}).status_code == 403
        assert client.get("/staff/retention/").status_code == 403
        assert client.get("/api/v1/staff/retention/").status_code == 404
        erasing = client.post(
            f"{base}erasure/", {"confirm": "delete"}, content_type="application/json"
        )
        assert erasing.status_code == 404
        assert client.post(f"{page}export/").status_code == (200 if may_export else 403)
    assert open_request(ana) is None


def test_the_schedule_shows_what_is_due_and_what_was_done(ana):
    client = proved_just_now(Client(), staff_with("erase_person"))
    assert "has not run yet" in client.get("/staff/retention/").content.decode()

    keep_to_schedule(at=datetime.now(UTC))

    page = client.get("/staff/retention/").content.decode()
    assert "The last night was" in page
    assert "Wishes on the waiting list" in page
    assert "by its own job" in page
