"""A draft for a front end elsewhere: by a signed address, for one page, for one hour."""

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from wagtail_headless_preview.models import PagePreview

from cms.api_previewing import preview_address
from cms.api_scopes import Scope
from cms.models import ArticlePage
from tests.cms.token_holders import Program, editor

API = "/api/v1"
FRONT_END = "https://front.example/preview"


@pytest.fixture
def draft(write):
    page = write("Not yet", live=False)
    page.title = "Nearly there"
    page.save_revision()
    return page


def see(client, token, **more):
    return client.get(f"{API}/content/preview/", {"token": token, **more})


def test_an_address_shows_the_latest_draft_of_one_page(client, draft):
    made = preview_address(draft, at=timezone.now())

    answer = client.get(made.api_url.removeprefix("http://localhost:8000"))

    assert answer.json()["title"] == "Nearly there"
    assert "no-store" in answer["Cache-Control"]
    assert ArticlePage.objects.get(pk=draft.pk).title == "Not yet"


def test_without_it_a_draft_is_404_and_never_403(client, draft):
    for path in (
        f"/pages/{draft.pk}/",
        f"/pages/{draft.pk}/?version=draft",
        "/content/preview/?token=x",
    ):
        assert client.get(API + path).status_code == 404


def test_a_token_is_for_its_own_page(client, draft, write):
    other = write("Another draft", live=False)
    token = preview_address(draft, at=timezone.now()).token

    assert see(client, token, page=draft.pk).status_code == 200
    assert see(client, token, page=other.pk).status_code == 404
    assert client.get(f"{API}/pages/{other.pk}/", {"token": token}).status_code == 400


@pytest.mark.parametrize(
    "spoil", [lambda it: it + "x", lambda it: it[1:], lambda it: "é", lambda it: ""]
)
def test_a_token_that_is_not_whole_opens_nothing(client, draft, spoil):
    assert see(client, spoil(preview_address(draft, at=timezone.now()).token)).status_code == 404


def test_an_address_ends_after_an_hour(client, draft):
    with time_machine.travel("2026-11-28 10:00:00+00:00", tick=False) as clock:
        made = preview_address(draft, at=timezone.now())
        clock.shift(3599)
        assert see(client, made.token).status_code == 200
        clock.shift(2)
        assert see(client, made.token).status_code == 404
        assert timezone.now() > made.expires_at


def test_a_page_that_is_gone_has_no_preview(client, draft):
    ours = preview_address(draft, at=timezone.now()).token
    panel = draft.create_page_preview().token
    draft.delete()

    assert see(client, ours).status_code == 404
    assert see(client, panel).status_code == 404


def test_a_page_never_saved_is_shown_from_the_editors_screen(client, tree):
    page = ArticlePage(title="First words", slug="first-words", locale=tree.home.locale)
    tree.journal.add_child(instance=page)
    kept = page.create_page_preview()
    page.delete()
    content = kept.content_json.replace(f'"pk": {page.pk or kept.as_page().pk}', '"pk": null')
    PagePreview.objects.filter(pk=kept.pk).update(content_json=content)

    assert see(client, kept.token).json()["title"] == "First words"


def test_a_preview_says_nothing_of_a_parent_that_is_not_public(client, draft, tree):
    tree.journal.unpublish()

    shown = see(client, preview_address(draft, at=timezone.now()).token)

    assert shown.json()["meta"]["parent"] is None


def test_with_a_front_end_the_address_is_its_own(client, draft, settings):
    settings.WAGTAIL_HEADLESS_PREVIEW = {"CLIENT_URLS": {"default": FRONT_END}}

    made = preview_address(draft, at=timezone.now())

    assert made.url.startswith(f"{FRONT_END}?content_type=articlepage&token=")
    assert made.url.endswith(f"&page={draft.pk}")


# --- Making one ----------------------------------------------------------------------------------
def test_a_program_that_may_read_drafts_makes_an_address(client, draft):
    program = Program(client, editor(), Scope.READ_DRAFTS)

    made = program.post(f"/content/pages/{draft.pk}/preview-address/")

    assert made.status_code == 201
    assert see(client, made.json()["token"]).json()["title"] == "Nearly there"


def test_nobody_else_does(client, draft):
    reader = Program(client, editor(), Scope.IMAGES)
    stranger = Program(client, editor("new@example.com", group="Therapists"), Scope.READ_DRAFTS)
    path = f"/content/pages/{draft.pk}/preview-address/"

    assert client.post(API + path).status_code == 401
    assert reader.post(path).status_code == 403
    assert stranger.post(path).status_code == 404


def test_an_editor_makes_one_in_the_admin(client, draft):
    client.force_login(editor(), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("cms_preview_address", args=[draft.pk])

    assert (
        address in client.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])).content.decode()
    )
    assert "content/preview" not in client.get(address).content.decode()
    made = client.post(address)

    shown = client.get(made.context["made"].api_url.removeprefix("http://localhost:8000"))
    assert made.context["made"].url.replace("&", "&amp;") in made.content.decode()
    assert shown.json()["title"] == "Nearly there"


def test_a_therapist_makes_none_in_the_admin(client, draft):
    person = editor("new@example.com", group="Therapists")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(reverse("cms_preview_address", args=[draft.pk]))

    assert answer.status_code in (302, 403)
    assert b"preview/?token" not in answer.content
