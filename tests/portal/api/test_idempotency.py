"""A POST sent twice under one key has one effect and one answer."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts.audit_trail import AuditEntry
from accounts.roles import MANAGERS
from portal.api.idempotency import (
    IdempotencyMiddleware,
    _claim,
    forget_old_answers,
    keep_nothing,
)
from portal.api.models import IdempotentAnswer
from portal.periodic import JOBS
from tests.builders import make_runner, make_staff
from tests.second_factor import proved_just_now

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def send(db):
    """Sends POSTs through the middleware to a view that counts how often it really ran."""
    counter = itertools.count(1)

    def post(body=b"{}", *, key="k1", path="/api/v1/orders/", status=201, token="hers"):
        request = RequestFactory().post(
            path,
            body,
            content_type="application/json",
            headers={"Idempotency-Key": key, "X-Session-Token": token},
        )
        view = lambda _: HttpResponse(f"run {next(counter)}", status=status)  # noqa: E731
        return IdempotencyMiddleware(view)(request)

    return post


def test_a_repetition_gets_the_first_answer(send):
    first, second = send(), send()

    assert (first.content, second.content) == (b"run 1", b"run 1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_key_is_refused(send):
    send(b'{"package": "five-60"}')

    answer = send(b'{"package": "ten-60"}')

    assert answer.status_code == 409
    assert b"idempotency_key_reused" in answer.content


def test_keys_of_two_callers_do_not_meet(send):
    assert send(token="hers").content == b"run 1"
    assert send(token="his").content == b"run 2"


@pytest.mark.parametrize("status", [401, 409, 429, 500, 503])
def test_an_answer_that_may_change_is_not_kept(send, status):
    send(status=status)

    assert send().content == b"run 2"


def test_a_second_request_waits_for_the_first(send):
    def view(request):
        inner = IdempotencyMiddleware(lambda _: HttpResponse("must not run"))(request)
        return HttpResponse(inner.content, status=200)

    request = RequestFactory().post(
        "/api/v1/x/", b"", headers={"Idempotency-Key": "k"}, content_type="application/json"
    )

    assert b"idempotency_key_in_use" in IdempotencyMiddleware(view)(request).content


def test_a_key_whose_request_died_is_free_again(db):
    assert _claim("c", "k", "f", NOON)[0]
    assert not _claim("c", "k", "f", NOON + timedelta(seconds=30))[0]
    assert _claim("c", "k", "f", NOON + timedelta(minutes=5))[0]


def test_a_view_that_raises_frees_its_key(db):
    def broken(request):
        raise RuntimeError

    request = RequestFactory().post(
        "/api/v1/x/", b"", headers={"Idempotency-Key": "k"}, content_type="application/json"
    )
    with pytest.raises(RuntimeError):
        IdempotencyMiddleware(broken)(request)

    assert not IdempotentAnswer.objects.exists()


def test_an_answer_that_took_too_long_is_given_and_not_kept(db):
    def slow(request):
        IdempotentAnswer.objects.all().delete()  # what a second request does after two minutes
        return HttpResponse("late", status=201)

    request = RequestFactory().post(
        "/api/v1/x/", b"", headers={"Idempotency-Key": "k"}, content_type="application/json"
    )

    assert IdempotencyMiddleware(slow)(request).content == b"late"
    assert not IdempotentAnswer.objects.exists()


def test_answers_are_forgotten_after_a_day(db):
    _claim("c", "old", "f", NOON)
    _claim("c", "new", "f", NOON + timedelta(hours=20))

    assert forget_old_answers(at=NOON + timedelta(hours=25)) == 1
    assert IdempotentAnswer.objects.get().key == "new"
    assert forget_old_answers in [job.act for job in JOBS]


# what must not lie about -------------------------------------------------------------------
def send_export(client, address):
    response = client.post(
        address, content_type="application/json", headers={"Idempotency-Key": "copy"}
    )
    assert "Idempotent-Replayed" not in response
    return response


@pytest.mark.parametrize("file", ["", "?file=true"])
def test_her_export_is_never_kept_and_is_made_anew(db, file):
    client = proved_just_now(Client(), make_runner("ana@example.org", "Ana Ortiz"))

    for times in (1, 2):
        assert send_export(client, f"/api/v1/me/export/{file}").status_code == 200
        assert not IdempotentAnswer.objects.exists()
        assert AuditEntry.objects.filter(action="export.person").count() == times


def test_an_export_by_staff_is_never_kept(db):
    colleague, ana = make_staff(), make_runner("ana@example.org", "Ana Ortiz")
    colleague.groups.add(Group.objects.get(name=MANAGERS))
    client = Client()
    client.force_login(colleague)

    answer = send_export(client, f"/api/v1/staff/runners/{ana.public_id}/export/")

    assert b"Ana Ortiz" in answer.content
    assert not IdempotentAnswer.objects.exists()


def test_a_refused_export_leaves_nothing_either(db):
    client = Client()
    client.force_login(make_runner())

    assert send_export(client, "/api/v1/me/export/").status_code in (401, 403)
    assert b"tables" not in b"".join(bytes(one.body) for one in IdempotentAnswer.objects.all())


def test_a_view_says_that_nothing_is_kept(db):
    def view(request):
        keep_nothing(request)
        return HttpResponse("all of it", status=200)

    request = RequestFactory().post(
        "/api/v1/x/", b"", headers={"Idempotency-Key": "k"}, content_type="application/json"
    )

    assert IdempotencyMiddleware(view)(request).content == b"all of it"
    assert not IdempotentAnswer.objects.exists()


# who is gone -------------------------------------------------------------------------------
ADDRESS = "/api/v1/me/erasure/"


def ask_to_leave(client, **headers):
    return client.post(
        ADDRESS,
        {"confirm": "delete", "gives_up_credits": True},
        content_type="application/json",
        headers={"Idempotency-Key": "leave", **headers},
    )


def test_who_is_signed_out_gets_no_earlier_answer(db):
    client = proved_just_now(Client(), make_runner())
    first, again = ask_to_leave(client), ask_to_leave(client)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"

    client.session.flush()  # signed out elsewhere: the browser still sends the cookie

    answer = ask_to_leave(client)
    assert answer.status_code == 401
    assert "Idempotent-Replayed" not in answer


def test_a_token_that_is_over_gets_no_earlier_answer(db):
    signed_in = proved_just_now(Client(), make_runner())
    token, app = signed_in.session.session_key, Client()
    for _ in range(2):
        answer = ask_to_leave(app, **{"X-Session-Token": token})
        assert answer.status_code == 201, answer.content
    assert answer["Idempotent-Replayed"] == "true"

    signed_in.session.flush()

    answer = ask_to_leave(app, **{"X-Session-Token": token})
    assert answer.status_code == 401
    assert "Idempotent-Replayed" not in answer
