"""A page appears and ends at its moment by the practice's clock, everywhere in the same run."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from cms.models import ArticlePage
from portal.periodic import JOBS, publish_scheduled, run_due
from tests.cms.test_editing import add_url
from tests.cms.test_editorial_life import PUBLISH, form

API = "/api/v1"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def max_(client, tree, django_user_model):
    user = django_user_model.objects.create(email="max@example.com", name="Max", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return user


def schedule(client, tree, *, at=NOON, **moments):
    with time_machine.travel(at, tick=False):
        response = client.post(add_url(tree), form(**moments) | PUBLISH)
    client.logout()
    return response


def everywhere(client):
    """Where a reader may meet the article, and whether it is there."""
    path = "/journal/calves/"
    pages = client.get(f"{API}/pages/?type=cms.ArticlePage").json()["items"]
    found = client.get(f"{API}/pages/?type=cms.ArticlePage&search=calves").json()["items"]
    articles = client.get(f"{API}/content/articles/").json()["items"]
    return {
        "page": client.get(path).status_code == 200,
        "journal": path in client.get("/journal/").content.decode(),
        "home": path in client.get("/").content.decode(),
        "by path": client.get(f"{API}/content/by-path/?path={path}").status_code == 200,
        "pages": any(page["title"] == "Calves" for page in pages),
        "articles": any(article["title"] == "Calves" for article in articles),
        "search": any(page["title"] == "Calves" for page in found),
        "feed": path in client.get("/journal/feed/").content.decode(),
        "atom": path in client.get("/journal/feed/atom/").content.decode(),
        "json feed": path in client.get("/journal/feed/json/").content.decode(),
        "search page": path in client.get("/search/?q=calves").content.decode(),
        "search api": path in client.get(f"{API}/content/search/?q=calves").content.decode(),
        "sitemap": path in client.get("/sitemap.xml").content.decode(),
        "llms.txt": "/journal/calves.md" in client.get("/llms.txt").content.decode(),
        "twin": client.get("/journal/calves.md").status_code == 200,
    }


NOWHERE = dict.fromkeys(
    ["page", "journal", "home", "by path", "pages", "articles", "search", "feed", "atom",
     "json feed", "search page", "search api", "sitemap", "llms.txt", "twin"],
    False,
)  # fmt: skip
THROUGHOUT = dict.fromkeys(NOWHERE, True)


def run(at):
    with time_machine.travel(at, tick=False):
        publish_scheduled(at=at)


def test_the_worker_looks_every_five_minutes(db):
    [job] = [job for job in JOBS if job.name == "publish_scheduled"]
    assert job.every_seconds == 300
    assert run_due(at=NOON, jobs=[job]) == ["publish_scheduled"]
    assert run_due(at=NOON + timedelta(minutes=4), jobs=[job]) == []


def test_a_page_appears_and_ends_everywhere_in_the_run_at_its_moment(client, tree, max_):
    go_live = datetime(2026, 12, 2, 7, 30, tzinfo=UTC)
    end = datetime(2026, 12, 9, 18, tzinfo=UTC)
    schedule(client, tree, go_live_at="2026-12-02 07:30", expire_at="2026-12-09 18:00")
    assert everywhere(client) == NOWHERE

    run(go_live - SECOND)
    assert everywhere(client) == NOWHERE
    run(go_live + SECOND)
    assert everywhere(client) == THROUGHOUT

    run(end - SECOND)
    assert everywhere(client) == THROUGHOUT
    run(end + SECOND)
    assert everywhere(client) == NOWHERE
    assert ArticlePage.objects.get().expired


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-12-02 07:30", datetime(2026, 12, 2, 7, 30, tzinfo=UTC)),
        ("2027-06-01 07:30", datetime(2027, 6, 1, 6, 30, tzinfo=UTC)),
        # Clocks go forward on 28 March 2027 at 01:00 and back on 31 October at 02:00.
        ("2027-03-28 00:59", datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        ("2027-03-28 02:00", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("2027-10-31 00:59", datetime(2027, 10, 30, 23, 59, tzinfo=UTC)),
        ("2027-10-31 02:00", datetime(2027, 10, 31, 2, 0, tzinfo=UTC)),
    ],
)
def test_moments_are_typed_and_shown_by_the_clock_of_the_practice(
    client, tree, max_, typed, moment
):
    assert "current_time_zone" not in client.get("/admin/account/").content.decode()
    schedule(client, tree, expire_at=typed)

    page = ArticlePage.objects.get()
    assert page.expire_at == moment
    client.force_login(max_)
    html = client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    assert f"{typed[11:]} {timezone.localtime(moment):%Z} (Europe/London)" in html


@pytest.mark.parametrize(
    "typed", ["2027-03-28 01:30", "2027-10-31 01:30"], ids=["skipped", "twice"]
)
def test_an_hour_that_the_clock_skips_or_shows_twice_is_asked_about(client, tree, max_, typed):
    response = schedule(client, tree, expire_at=typed)

    assert response.status_code == 200
    assert "interpreted in time zone" in response.content.decode()
    assert not ArticlePage.objects.exists()


def test_expiry_on_the_day_the_clocks_change_comes_at_its_own_moment(client, tree, max_):
    schedule(client, tree, expire_at="2027-03-28 02:30")

    run(datetime(2027, 3, 28, 1, 29, tzinfo=UTC))
    assert client.get("/journal/calves/").status_code == 200
    run(datetime(2027, 3, 28, 1, 31, tzinfo=UTC))
    assert client.get("/journal/calves/").status_code == 404


def test_a_copy_of_the_page_is_asked_about_and_not_renewed_after_its_end(client, tree, max_):
    schedule(client, tree, expire_at="2026-12-09 18:00")
    tag = client.get("/journal/calves/")["ETag"]
    assert client.get("/journal/calves/", headers={"if-none-match": tag}).status_code == 304

    run(datetime(2026, 12, 9, 18, 1, tzinfo=UTC))

    assert client.get("/journal/calves/", headers={"if-none-match": tag}).status_code == 404
