"""Importing in the admin and by API: look first, lose nothing, write once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from wagtail.images.models import Image
from wagtail.models import GroupCollectionPermission

from cms.api_scopes import Scope
from cms.importing import ImportRefused, import_document
from cms.models import ArticleImport, ArticlePage, WaitingImport
from cms.reading import Document
from cms.uploading import forget_uploads, named_files
from cms.uploads.errors import UploadRefused
from tests.cms import files
from tests.cms.token_holders import secret_of

TEXT = "# Calves\n\nSix weeks into a plan.\n\n![Lanes](lanes.png)\n"


@pytest.fixture
def token(editor):
    return {"Authorization": f"Bearer {secret_of(editor, Scope.WRITE, Scope.IMAGES)}"}


def file(name, data):
    return SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode())


def upload(client, *sent):
    return client.post("/admin/import/", {"documents": list(sent)}, follow=True)


def address_of(response):
    return response.redirect_chain[-1][0]


# --- The admin ------------------------------------------------------------------------------------
def test_an_editor_looks_at_a_document_and_makes_a_draft_of_it(client, editor):
    assert "Import a document" in client.get("/admin/").content.decode()
    response = upload(client, file("calves.md", TEXT), file("lanes.png", files.photo("PNG")))
    html = response.content.decode()

    assert "Becomes a new draft" in html
    assert 'alt="Lanes"' in html
    assert not ArticlePage.objects.exists()
    assert not Image.objects.exists()

    done = client.post(address_of(response), {"document": "calves.md"}, follow=True)

    page = ArticlePage.objects.get()
    assert not page.live
    assert page.owner == editor
    assert address_of(done) == f"/admin/pages/{page.pk}/edit/"
    assert [block.block_type for block in page.body] == ["prose", "picture"]
    with Image.objects.get().open_file() as kept:
        assert b"Secret" not in kept.read()
    assert not WaitingImport.objects.exists()


def test_several_documents_and_an_archive_come_in_at_once(client, editor):
    packed = files.archive({"out/calves.md": TEXT, "out/lanes.png": files.image()})
    response = upload(
        client, file("all.zip", packed), file("sleep.docx", files.word(title="Sleep"))
    )

    names = ["out/calves.md", "sleep.docx"]
    done = client.post(address_of(response), {"document": names}, follow=True)

    assert {page.title for page in ArticlePage.objects.all()} == {"Calves", "Sleep"}
    assert Image.objects.count() == 1
    assert "Made drafts of" in done.content.decode()


def test_a_bad_document_is_told_and_the_good_one_is_not_lost(client, editor):
    response = upload(client, file("calves.md", TEXT), file("plan.docx", files.OLE))
    html = response.content.decode()

    assert "plan.docx" in html
    assert "locked with a password" in html
    assert "lanes.png&quot; is not among the files" in html
    client.post(address_of(response), {"document": ["calves.md", "plan.docx"]})
    assert ArticlePage.objects.get().title == "Calves"
    assert WaitingImport.objects.exists()


def test_a_page_edited_since_is_not_overwritten_and_the_page_says_so_before(client, editor):
    import_document(document=Document("a.md", TEXT.encode()), at=timezone.now(), by=None)
    page = ArticlePage.objects.get()
    page.body = [("prose", "<p>Better words.</p>")]
    page.save_revision()

    response = upload(client, file("a.md", TEXT + "\nMore.\n"))

    assert "was edited here since it was imported" in response.content.decode()
    client.post(address_of(response), {"document": "a.md"})
    assert page.revisions.count() == 2


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ([], "Choose at least one document"),
        ([file("photo.png", files.image())], "Send at least one document"),
        ([file("all.zip", files.archive({"x.md": b"0" * 9_000_000}))], "unpacks to far more"),
        ([file("all.zip", b"PK\x03\x04broken")], "cannot be unpacked"),
        ([file(f"{n}.md", TEXT) for n in range(61)], "more than 60 files"),
    ],
)
def test_an_upload_that_is_no_use_is_told_and_not_kept(client, editor, sent, words):
    response = upload(client, *sent)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not WaitingImport.objects.exists()


def test_nothing_ticked_keeps_the_upload(client, editor):
    response = upload(client, file("calves.md", TEXT))

    assert "Tick at least one" in client.post(address_of(response), {}).content.decode()
    assert WaitingImport.objects.exists()


def test_an_upload_belongs_to_who_made_it_and_is_forgotten_after_a_day(
    client, editor, django_user_model
):
    response = upload(client, file("calves.md", TEXT))
    other = django_user_model.objects.create(email="max@example.com", is_staff=True)
    other.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(other)

    assert client.get(address_of(response)).status_code == 404
    assert forget_uploads(at=timezone.now()) == 0
    assert forget_uploads(at=timezone.now() + timedelta(days=1, minutes=1)) == 1


def test_who_may_not_write_articles_sees_no_import(client, tree, django_user_model):
    user = django_user_model.objects.create(email="ola@example.com")
    client.force_login(user)

    assert client.get("/admin/import/").status_code in (302, 403)


def test_who_may_not_add_images_imports_no_picture(client, editor):
    GroupCollectionPermission.objects.filter(permission__codename="add_image").delete()
    with_picture = file("calves.md", TEXT), file("lanes.png", files.photo("PNG"))
    address = address_of(upload(client, *with_picture))

    looked = client.get(address).content.decode()
    client.post(address, {"document": "calves.md"})

    assert "You may not add images" in looked
    assert not ArticlePage.objects.exists()
    assert not Image.objects.exists()


def test_a_picture_that_is_here_already_asks_for_no_right_to_add_images(tree, editor):
    GroupCollectionPermission.objects.filter(permission__codename="add_image").delete()
    for title, by in [("Calves", None), ("Shins", editor)]:
        text = TEXT.replace("Calves", title)
        import_document(
            document=Document("a.md", text.encode(), {"lanes.png": files.photo("PNG")}),
            at=timezone.now(),
            by=by,
        )

    assert ArticlePage.objects.count() == 2


def test_too_many_documents_are_refused_before_the_rest_is_read(monkeypatch):
    class Unread:
        name, size = "late.zip", 1

        def read(self):
            raise AssertionError("This need not be read any more.")

    monkeypatch.setattr("cms.uploading.MAX_FILES", 1)

    with pytest.raises(UploadRefused, match="Send fewer"):
        named_files([file("a.md", TEXT), file("b.md", TEXT), Unread()])


# --- Nothing half-written -------------------------------------------------------------------------
def test_an_import_that_fails_leaves_no_page_no_image_and_no_file(tree, monkeypatch):
    text = TEXT + '\n```block:key_points\n{"points": "no list"}\n```\n'
    before = stored()

    with pytest.raises(ImportRefused, match="key_points"):
        import_document(
            document=Document("a.md", text.encode(), {"lanes.png": files.image()}),
            at=timezone.now(),
            by=None,
        )

    assert not ArticlePage.objects.exists()
    assert not ArticleImport.objects.exists()
    assert not Image.objects.exists()
    assert stored() == before


def stored():
    if not default_storage.exists("original_images"):
        return set()
    return set(default_storage.listdir("original_images")[1])


def test_the_same_picture_twice_is_one_image(tree):
    for title in ["Calves", "Shins"]:
        text = TEXT.replace("Calves", title)
        import_document(
            document=Document("a.md", text.encode(), {"lanes.png": files.photo("PNG")}),
            at=timezone.now(),
            by=None,
        )

    assert Image.objects.count() == 1


# --- The API --------------------------------------------------------------------------------------
def send(client, token, *sent, **more):
    document, *pictures = sent
    return client.post(
        "/api/v1/content/imports/",
        {"document": document, "pictures": pictures, **more},
        headers=token,
    )


def test_a_client_imports_a_document_with_its_pictures(client, token):
    answer = send(client, token, file("calves.md", TEXT), file("lanes.png", files.image()))

    assert answer.status_code == 201
    page = ArticlePage.objects.get()
    assert answer.json() | {"edit_url": ""} == {
        "outcome": "created", "title": "Calves", "page_id": page.pk, "edit_url": "",
        "published": False, "warnings": [],
    }  # fmt: skip
    again = send(client, token, file("calves.md", TEXT), file("lanes.png", files.image()))
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert page.revisions.count() == 1


def test_a_dry_run_writes_nothing(client, token):
    answer = send(client, token, file("calves.md", TEXT), dry_run="true")

    assert answer.json()["outcome"] == "created"
    assert "not among the files" in answer.json()["warnings"][0]
    assert not ArticlePage.objects.exists()


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("plan.docx", files.OLE, 422, "unreadable_text"),
        ("a.md", b"", 422, "unreadable_text"),
        ("a.zip", files.archive({"a.md": "# A\n\nx", "b.md": "# B\n\nx"}), 422, "upload_refused"),
        ("a.png", files.image(), 422, "upload_refused"),
        ("a.md", b"# ***\n\nText.", 409, "import_refused"),
    ],
)
def test_a_client_is_told_what_is_the_matter(client, token, name, data, status, code):
    answer = send(client, token, file(name, data))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not ArticlePage.objects.exists()


def test_only_a_token_with_the_right_imports(client, token, django_user_model):
    plain = django_user_model.objects.create(email="ola@example.com")
    key = secret_of(plain, Scope.WRITE)

    assert send(client, {}, file("a.md", TEXT)).status_code == 401
    answer = send(client, {"Authorization": f"Bearer {key}"}, file("a.md", TEXT))
    assert answer.status_code == 403
    assert not ArticlePage.objects.exists()


@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_pictures_ask_for_the_scope_of_images(client, editor, dry_run):
    token = {"Authorization": f"Bearer {secret_of(editor, Scope.WRITE)}"}
    picture = file("lanes.png", files.image())

    refused = send(client, token, file("calves.md", TEXT), picture, dry_run=dry_run)
    heard = send(client, token, file("shins.md", "# Shins\n\nSore.\n"), dry_run=dry_run)

    assert refused.status_code == 403
    assert (refused.json()["code"], refused.json()["scope"]) == ("scope_missing", "images:write")
    assert not Image.objects.exists()
    assert heard.status_code in (200, 201)
