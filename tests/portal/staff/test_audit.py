"""The audit page: found by person, act, thing and day; read before and after; taken away."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import auditing
from accounts.models import AuditEntry, User
from portal.invariants.proving import prove
from portal.models import InvariantRun
from tests.builders import make_runner, make_staff
from tests.portal.invariants.test_proving import late_event

pytestmark = pytest.mark.django_db


def note(number=0, **values):
    given = {
        "by": None,
        "at": timezone.now(),
        "about": "order",
        "key": f"order {number}",
        "before": {"status": "open"},
        "after": {"status": "paid", "amount_minor": 5800},
    } | values
    return auditing.record(given.pop("action", "money.paid"), **given)


def second_factors():
    """What everybody who works here has, so that I25 holds."""
    for person in User.objects.filter(is_staff=True):
        Authenticator.objects.get_or_create(user=person, type="totp", defaults={"data": {}})


def acts(client, **query):
    page = client.get("/staff/audit/", query)
    assert page.status_code == 200
    return [row[2].text for row in page.context["table"].rows]


def test_it_is_searched_by_person_act_thing_and_day(manager):
    ana, sam = make_runner("ana@example.org", "Ana Ortiz"), make_runner(name="Sam Reed")
    now = timezone.now().replace(hour=12)  # the same day on the practice's clock
    note(by=sam, runner=ana)
    note(1, action="credits.extend", by=sam, about="lot", at=now - timedelta(days=40))
    note(2, action="schedule.moved", by=ana, about="booking", runner=ana)
    note(3, action="permissions.changed", about="user", key=str(ana.public_id))

    assert sorted(acts(manager, person="ortiz")) == [
        "Money: paid",
        "Permissions: changed",
        "Schedule: moved",
    ]
    assert acts(manager, person="sam reed", action="credits.") == ["Credits: extend"]
    assert acts(manager, person=str(sam.public_id), about="order") == ["Money: paid"]
    assert acts(manager, about="lot", key="order 1") == ["Credits: extend"]
    month_ago = now.date() - timedelta(days=39)
    assert acts(manager, person="sam reed", to=month_ago) == ["Credits: extend"]
    assert acts(manager, person="sam reed", **{"from": month_ago}) == ["Money: paid"]
    assert acts(manager, person="nobody at all") == []
    assert "Nothing found." in manager.get("/staff/audit/?key=none").content.decode()


def test_what_it_was_and_is_is_read_and_the_erased_have_no_name(manager):
    ana = make_runner("ana@example.org", "Ana Ortiz")
    note(by=ana, why="She asked", before={"status": "open"}, runner=ana)
    page = manager.get("/staff/audit/?action=money.").content.decode()
    assert "status: open \N{RIGHTWARDS ARROW} paid" in page
    assert "amount minor: 5800" in page
    assert "She asked" in page
    assert page.count("Ana Ortiz") == 2

    ana.delete()
    page = manager.get("/staff/audit/?action=money.").content.decode()
    assert "Ana Ortiz" not in page
    assert str(ana.public_id)[:8] in page


def test_the_number_of_questions_does_not_grow_with_the_page(manager):
    def asked():
        with CaptureQueriesContext(connection) as found:
            manager.get("/staff/audit/?action=money.")
        return len(found)

    note(by=make_staff(), runner=make_runner())
    asked()
    few = asked()
    for number in range(30):
        note(number, by=make_staff(), runner=make_runner())
    assert asked() == few <= 16


def test_the_file_has_the_same_rows_and_is_itself_noted(manager):
    note(why="=cmd()")
    text = manager.get("/staff/audit.csv?action=money.").content.decode()

    assert "Money: paid" in text
    assert "'=cmd()" in text
    [taken] = AuditEntry.objects.filter(action="export.made")
    assert (taken.key, taken.after) == ("audit.csv", {"page": "staff:audit_file"})
    assert taken.origin


def test_only_who_may_read_the_trail_does(desk, bookkeeper, editor, manager):
    everybody = (desk, bookkeeper, editor, manager)
    for address, refused in (
        ("/staff/audit/", 403),
        ("/staff/audit.csv", 403),
        ("/api/v1/staff/audit/", 404),
    ):
        answers = [one.get(address).status_code for one in everybody]
        assert answers == [refused, refused, refused, 200]


def test_the_first_page_says_whether_everything_holds(bookkeeper, manager):
    assert "Not proved yet" in bookkeeper.get("/staff/").content.decode()

    second_factors()
    proved = manager.post("/staff/invariants/proof/", follow=True)
    assert "All 25 rules hold" in proved.content.decode()
    assert "All 25 rules hold" in manager.get("/staff/").content.decode()
    InvariantRun.objects.update(at=timezone.now() - timedelta(days=3))
    assert "too old" in manager.get("/staff/").content.decode()


def test_each_rule_has_its_page_with_the_rows_that_break_it(bookkeeper, desk):
    late_event()
    prove(at=timezone.now())
    assert "1 row" in bookkeeper.get("/staff/invariants/").content.decode()
    assert "evt_1" in bookkeeper.get("/staff/invariants/I19/").content.decode()
    assert "Nothing: it holds." in bookkeeper.get("/staff/invariants/I04/").content.decode()
    assert bookkeeper.get("/staff/invariants/I99/").status_code == 404
    assert desk.get("/staff/invariants/").status_code == 403
    assert "/staff/invariants/" not in desk.get("/staff/").content.decode()


def test_an_app_reads_and_proves_the_same(manager):
    for number in range(3):
        note(number)
    found = manager.get("/api/v1/staff/audit/?action=money.&limit=2").json()
    assert [one["key"] for one in found] == ["order 2", "order 1"]
    rest = manager.get(f"/api/v1/staff/audit/?action=money.&before={found[-1]['id']}").json()
    assert [one["key"] for one in rest] == ["order 0"]

    empty = manager.get("/api/v1/staff/invariants/").json()
    assert (empty["at"], empty["rules"][0]["holds"]) == (None, None)
    second_factors()
    proved = manager.post("/api/v1/staff/invariants/proof/").json()
    assert proved["holds"]
    assert [rule["code"] for rule in proved["rules"]][:2] == ["I01", "I02"]
