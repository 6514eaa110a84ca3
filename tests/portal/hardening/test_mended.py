"""What hostile requests found, each once and by name."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.models import Collection, UploadedFile

from accounts.models import User
from tests.portal.hardening.world import World, make_world

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
DIGITS = b"1" * 100_000


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def owner(world) -> Client:
    client = Client()
    client.force_login(world.staff, backend=BACKEND)
    return client


def test_somebody_with_bookings_cannot_be_deleted_and_the_page_says_why(owner, world):
    path = f"/admin/users/delete/{world.runner.pk}/"

    answer = owner.post(path, follow=True)

    assert answer.status_code == 200
    assert "bookings or payments need it" in answer.content.decode()
    assert User.objects.filter(pk=world.runner.pk).exists()


def test_a_form_without_its_therapist_or_place_is_shown_again(owner):
    for form in ("other_hours", "time_off", "calendars", "closures"):
        assert owner.post(f"/admin/schedule_{form}/new/").status_code == 200, form


def test_a_document_that_waited_for_its_title_is_kept_with_its_file(owner, world):
    papers = get_document_model()
    waiting = UploadedFile.objects.create(
        for_content_type=ContentType.objects.get_for_model(papers),
        file=ContentFile(b"Stretch after, not before.", name="advice.txt"),
        uploaded_by_user=world.staff,
    )
    path = f"/admin/documents/multiple/create_from_uploaded_document/{waiting.pk}/"
    titled = {
        f"uploaded-document-{waiting.pk}-title": "Advice",
        f"uploaded-document-{waiting.pk}-collection": Collection.get_first_root_node().pk,
    }

    assert owner.post(path, {}).json()["success"] is False
    assert owner.post(path, titled).json()["success"] is True

    with papers.objects.get(title="Advice").file.open() as file:
        assert file.read() == b"Stretch after, not before."


def test_an_editor_can_link_to_a_page_from_a_text(owner):
    answer = owner.get("/admin/choose-page/?page_type=wagtailcore.page&allow_external_link=true")

    assert answer.status_code == 200
    assert "Massage for Runners" in answer.json()["html"]


def test_odd_questions_to_the_admin_are_bad_requests(owner, client, world):
    assert owner.get("/admin/workflows/edit/1/?p=\u0130").status_code == 400
    for words in ('K("x', 'a"', '"', '"a" "b', 'K("x"'):
        assert owner.get("/admin/pages/", {"q": words}).status_code == 200, words
    assert owner.post("/admin/choose-external-link/", {}).status_code == 200
    assert owner.get("/admin/images/chooser/chosen/x/").status_code == 400
    assert owner.post("/admin/pages/2/copy/", {}).status_code == 400
    assert owner.post("/admin/redirects/import/process/", {}).status_code == 400
    assert owner.delete("/admin/locales/delete/1/").status_code == 405
    assert owner.get("/admin/failwhale/").status_code == 404
    assert owner.get("/admin/logout/").status_code == 405
    assert "session" in owner.cookies
    assert client.get(f"/media/{'a' * 5000}", follow=True).status_code == 404


@pytest.mark.parametrize("body", [DIGITS, b'{"a":' * 3000, b"[" * 400 + b"]" * 400, b"\xff", b"{"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_sign_in_that_is_no_json_is_a_bad_request(client, method, body):
    answer = client.generic(method, "/_allauth/app/v1/auth/signup", body, "multipart/form-data")

    assert answer.status_code == 400


def test_a_passkey_for_nobodys_sign_up_is_refused(client):
    path = "/_allauth/app/v1/auth/webauthn/signup"

    assert client.put(path, {}, content_type="application/json").status_code in (400, 409)
    assert client.get("/_allauth/app/v1/account/phone").status_code == 404
