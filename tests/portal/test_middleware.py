"""Who may keep a copy of an answer, and which methods exist."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.mailing import MailUnavailable
from portal.middleware import WhoMayKeepACopy

PUBLIC = "max-age=60, public, stale-while-revalidate=600"
PRIVATE = "no-store, private"


def _answer(path="/treatments/", method="get", cookies=None, prepare=None, **headers):
    def view(request):
        response = HttpResponse("words")
        if prepare:
            prepare(response)
        return response

    request = getattr(RequestFactory(headers=headers), method)(path)
    request.COOKIES.update(cookies or {})
    return WhoMayKeepACopy(view)(request)


def _directives(response):
    return ", ".join(sorted(response["Cache-Control"].split(", ")))


def test_a_visitor_without_session_gets_a_copy_that_may_be_shared():
    response = _answer()
    assert _directives(response) == PUBLIC
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize(
    "case",
    [
        {"cookies": {"session": "abc"}},
        {"prepare": lambda response: response.set_cookie("csrf", "x")},
        {"path": "/account/"},
        {"path": "/admin/pages/"},
        {"path": "/staff/day/"},
        {"path": "/bookings/1/"},
        {"method": "post"},
        {"prepare": lambda response: setattr(response, "status_code", 500)},
        {"authorization": "Bearer x"},
        {"x_session_token": "x"},
    ],
)
def test_anything_about_one_person_is_kept_by_nobody(case):
    assert _directives(_answer(**case)) == PRIVATE


def test_a_view_may_say_itself_how_long():
    def month(response):
        response["Cache-Control"] = "max-age=2592000, public"

    assert _directives(_answer(prepare=month)) == "max-age=2592000, public"


def test_with_a_session_even_that_is_private():
    def month(response):
        response["Cache-Control"] = "max-age=2592000, public"

    assert _directives(_answer(prepare=month, cookies={"session": "abc"})) == PRIVATE


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_methods_nobody_wrote_a_view_for_are_refused(client, method):
    response = client.generic(method, "/healthz")
    assert response.status_code == 405


@pytest.fixture
def _no_mail(monkeypatch):
    def refuse(*args, **kwargs):
        raise MailUnavailable

    monkeypatch.setattr("accounts.adapter.AccountAdapter.send_mail", refuse)


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_mail")
def test_a_code_that_cannot_be_mailed_is_said_on_the_page(client):
    response = client.post("/accounts/login/code/", {"email": "mara@example.com"})
    assert response.status_code == 503
    assert b"Nothing is lost" in response.content


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_mail")
def test_a_code_that_cannot_be_mailed_is_a_problem_in_the_api(client):
    response = client.post(
        "/_allauth/app/v1/auth/code/request",
        {"email": "mara@example.com"},
        content_type="application/json",
    )
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/book/%00/", "/packages/?a=%00", "/staff/runners/?q=x%00"])
def test_a_zero_byte_in_an_address_is_a_bad_request(client, db, path):
    assert client.get(path).status_code == 400


def test_a_zero_byte_in_a_form_is_a_bad_request(client, db):
    answer = client.post(
        "/book/hold/", "variant=a%00b", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 400


def test_a_zero_byte_in_json_is_a_problem_with_a_code(client, db):
    answer = client.post(
        "/api/v1/holds/", '{"variant": "a\\u0000b"}', content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "zero_byte")


def test_a_photo_may_hold_zero_bytes(client, db):
    photo = SimpleUploadedFile("photo.png", b"\x89PNG\0\0")

    assert client.post("/no-such-page/", {"file": photo}).status_code == 404
