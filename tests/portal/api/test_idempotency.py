"""A POST sent twice under one key has one effect and one answer."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from portal.api.idempotency import IdempotencyMiddleware, _claim, forget_old_answers
from portal.api.models import IdempotentAnswer
from portal.periodic import JOBS

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
