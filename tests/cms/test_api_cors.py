"""A front end on another host: those on the list use the API from a browser, others do not."""

import pytest

API = "/api/v1"
FRONT = "https://front.example"


@pytest.fixture(autouse=True)
def _allowed(settings):
    settings.CORS_ALLOWED_ORIGINS = [FRONT]


def preflight(client, origin, method="PATCH", headers="authorization,content-type,if-match"):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return client.options(f"{API}/pages/1/", headers=asked)


def test_a_front_end_on_the_list_may_write_with_a_token(client, db):
    answer = preflight(client, FRONT)

    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == FRONT
    assert "PATCH" in answer["Access-Control-Allow-Methods"]
    for header in ("authorization", "content-type", "if-match", "idempotency-key"):
        assert header in answer["Access-Control-Allow-Headers"]


def test_a_front_end_on_the_list_reads_and_sees_the_version(client, tree):
    answer = client.get(f"{API}/pages/", headers={"Origin": FRONT})

    assert answer["Access-Control-Allow-Origin"] == FRONT
    assert "ETag" in answer["Access-Control-Expose-Headers"]
    assert "Origin" in answer["Vary"]
    assert "public" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://front.example.evil.example", "null"]
)
def test_others_are_told_nothing(client, tree, origin):
    for answer in (
        preflight(client, origin),
        client.get(f"{API}/pages/", headers={"Origin": origin}),
    ):
        assert "Access-Control-Allow-Origin" not in answer


def test_cookies_never_cross_hosts(client, tree):
    for answer in (
        preflight(client, FRONT),
        client.get(f"{API}/pages/", headers={"Origin": FRONT}),
    ):
        assert "Access-Control-Allow-Credentials" not in answer
        assert answer.get("Access-Control-Allow-Origin") != "*"


def test_pages_of_the_site_are_read_by_no_script_of_another(client, tree):
    answer = client.get("/journal/", headers={"Origin": FRONT})

    assert "Access-Control-Allow-Origin" not in answer
