"""The life of a page in the admin: written, reviewed, returned, approved, compared, locked."""

import pytest
from django.contrib.auth.models import Group
from wagtail.models import Comment, PageLogEntry, Workflow
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.models import ArticlePage
from tests.cms.test_editing import add_url

DRAFT = {}
SUBMIT = {"action-submit": "action-submit"}
PUBLISH = {"action-publish": "action-publish"}


def form(title="Calves", words="Because of the soleus.", **changed):
    fields = {
        "title": title, "slug": "calves", "subtitle": "", "intro": "Why calves tighten.",
        "author": "", "author_name": "Edith", "published_on": "", "tags": "", "hero_image": "",
        "hero_alt": "", "body": streamfield([("prose", rich_text(f"<p>{words}</p>"))]),
        "sources": streamfield([]), "seo_title": "", "search_description": "", "social_image": "",
        "go_live_at": "", "expire_at": "", "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0", "comments-MAX_NUM_FORMS": "",
    }  # fmt: skip
    return nested_form_data(fields | changed)


@pytest.fixture
def person(django_user_model):
    def person(name, group):
        user = django_user_model.objects.create(
            email=f"{name.lower()}@example.com", name=name, is_staff=True
        )
        user.groups.add(Group.objects.get(name=group))
        return user

    return person


@pytest.fixture
def edith(person, tree):
    return person("Edith", "Editors")


@pytest.fixture
def max_(person):
    return person("Max", "Moderators")


@pytest.fixture
def as_(client):
    """The browser of one person; who used it before is signed out."""

    def as_(user):
        client.logout()
        client.force_login(user)
        return client

    return as_


@pytest.fixture
def submitted(as_, edith, tree):
    as_(edith).post(add_url(tree), form() | SUBMIT)
    return ArticlePage.objects.get()


def edit(page, what=""):
    return f"/admin/pages/{page.pk}/edit/{what}"


def act(page, name):
    """Where a moderator's decision is sent."""
    return f"/admin/pages/workflow/action/{page.pk}/{name}/{page.current_workflow_task_state.pk}/"


def test_every_page_is_reviewed_by_moderators(tree, edith):
    assert tree.journal.get_workflow() == Workflow.objects.get()
    assert [task.specific.groups.get().name for task in Workflow.objects.get().tasks] == [
        "Moderators"
    ]


def test_an_editor_submits_and_cannot_publish(as_, edith, submitted, client):
    assert not submitted.live
    assert submitted.current_workflow_task_state.status == "in_progress"

    as_(edith).post(edit(submitted), form() | PUBLISH)

    submitted.refresh_from_db()
    assert not submitted.live
    assert client.get("/journal/calves/").status_code == 404


def test_a_moderator_approves_and_the_page_is_live(as_, max_, submitted, client):
    as_(max_).post(act(submitted, "approve"), {"comment": "Good."})

    client.logout()
    assert client.get("/journal/calves/").status_code == 200


def test_a_return_comes_with_its_reason_and_the_editor_submits_again(
    as_, edith, max_, submitted, client
):
    as_(max_).post(act(submitted, "reject"), {"comment": "Which muscle?"})

    submitted.refresh_from_db()
    assert submitted.current_workflow_state.status == "needs_changes"
    assert not submitted.live
    seen = as_(edith).get(f"/admin/pages/{submitted.pk}/history/").content.decode()
    assert "Which muscle?" in seen

    as_(edith).post(edit(submitted), form(words="The soleus.") | SUBMIT)
    submitted.refresh_from_db()
    assert submitted.current_workflow_task_state.status == "in_progress"
    as_(max_).post(act(submitted, "approve"), {"comment": ""})
    client.logout()
    assert "The soleus." in client.get("/journal/calves/").content.decode()


def test_a_comment_stays_with_the_field_it_is_about(as_, edith, tree):
    as_(edith).post(add_url(tree), form())
    page = ArticlePage.objects.get()
    data = form() | {
        "comments-TOTAL_FORMS": "1", "comments-0-id": "", "comments-0-text": "Shorter?",
        "comments-0-contentpath": "title", "comments-0-position": "", "comments-0-deleted": "",
        "comments-0-resolved": "", "comments-0-replies-TOTAL_FORMS": "0",
        "comments-0-replies-INITIAL_FORMS": "0", "comments-0-replies-MAX_NUM_FORMS": "",
    }  # fmt: skip

    as_(edith).post(edit(page), data)

    comment = Comment.objects.get()
    assert (comment.text, comment.contentpath, comment.user) == ("Shorter?", "title", edith)


def test_two_versions_are_compared_and_the_older_one_comes_back_as_a_new_one(
    as_, max_, tree, client
):
    as_(max_).post(add_url(tree), form(words="First words.") | PUBLISH)
    page = ArticlePage.objects.get()
    first = page.latest_revision
    as_(max_).post(edit(page), form(title="Calves, again", words="Second words.") | PUBLISH)
    page.refresh_from_db()
    second = page.latest_revision

    compared = client.get(f"/admin/pages/{page.pk}/revisions/compare/{first.pk}...{second.pk}/")
    assert "Calves, again" in compared.content.decode()
    reverted = client.get(f"/admin/pages/{page.pk}/revisions/{first.pk}/revert/")
    assert "First words." in reverted.content.decode()
    client.post(f"/admin/pages/{page.pk}/revisions/{first.pk}/revert/", form() | DRAFT)
    client.post(edit(page), form(words="First words.") | PUBLISH)

    page.refresh_from_db()
    assert page.revisions.count() == 4, "nothing is deleted"
    assert page.latest_revision.pk not in (first.pk, second.pk)
    assert all(revision.user == max_ for revision in page.revisions.all())
    assert "wagtail.revert" in set(PageLogEntry.objects.values_list("action", flat=True))
    client.logout()
    assert "First words." in client.get("/journal/calves/").content.decode()


def test_a_locked_page_is_changed_by_nobody_else_until_it_is_unlocked(as_, edith, max_, tree):
    as_(max_).post(add_url(tree), form())
    page = ArticlePage.objects.get()
    as_(max_).post(f"/admin/pages/{page.pk}/lock/")

    as_(edith).post(edit(page), form(title="Mine"))
    assert ArticlePage.objects.get().get_latest_revision_as_object().title == "Calves"
    as_(edith).post(f"/admin/pages/{page.pk}/unlock/")
    assert ArticlePage.objects.get().locked, "editors do not unlock"

    as_(max_).post(f"/admin/pages/{page.pk}/unlock/")
    as_(edith).post(edit(page), form(title="Mine"))
    assert ArticlePage.objects.get().get_latest_revision_as_object().title == "Mine"


def test_autosave_is_on_for_new_and_for_known_pages(as_, edith, submitted, tree):
    for address in (add_url(tree), edit(submitted)):
        html = as_(edith).get(address).content.decode()
        assert 'data-w-autosave-interval-value="500"' in html


def test_a_second_editor_is_told_who_else_is_here(as_, edith, max_, submitted, client):
    as_(edith).get(edit(submitted))
    session = as_(max_).get(edit(submitted)).context["editing_sessions"]

    answer = client.post(session.ping_url, {"revision_id": submitted.latest_revision_id})

    assert "Edith" in answer.json()["html"]


def test_the_preview_is_the_portal_page_of_what_is_typed(as_, edith, submitted):
    preview = edit(submitted, "preview/")
    assert as_(edith).post(preview, form(title="As typed")).json()["is_valid"]

    html = as_(edith).get(preview).content.decode()

    assert "As typed" in html
    assert ArticlePage.objects.get().title == "Calves"
