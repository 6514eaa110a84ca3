"""Broken, huge, locked and lying files are refused with a sentence, and nothing is left behind."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow
from wagtail.documents.models import Document
from wagtail.images.models import Image

from cms.api_scopes import Scope
from cms.uploads.documents import check_document
from cms.uploads.errors import UploadRefused
from cms.uploads.images import cleaned
from tests.cms import files
from tests.cms.token_holders import secret_of


@pytest.fixture(autouse=True)
def disk(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def token(editor):
    return {"Authorization": f"Bearer {secret_of(editor, Scope.IMAGES, Scope.DOCUMENTS)}"}


def files_kept(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


# --- Images ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_keeps_its_look_and_loses_place_camera_and_comment(form):
    clean = cleaned(files.photo(form))

    with Pillow.open(BytesIO(clean.data)) as image:
        assert image.format == form
        assert image.size == (30, 40)  # upright: it lay on its side
        assert not image.getexif()
    for secret in [b"Secret", b"Exif", b"GPS"]:
        assert secret not in clean.data


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_an_animation_still_moves(form):
    clean = cleaned(files.animation(form=form))

    with Pillow.open(BytesIO(clean.data)) as image:
        assert image.n_frames == 3
    assert b"Secret" not in clean.data


def test_the_same_image_is_drawn_to_the_same_bytes():
    assert cleaned(files.photo()).data == cleaned(files.photo()).data


BAD_IMAGES = [
    ("drawing.svg", files.SVG, "svg"),
    ("drawing.png", files.SVG, "svg"),
    ("broken.png", files.image()[:60], "broken"),
    ("nothing.jpg", b"", "empty"),
    ("words.jpg", b"These are words.", "not an image we know"),
    ("paper.png", files.PDF, "holds a pdf"),
    ("lying.png", files.image("JPEG"), "but holds a jpeg image"),
    ("bomb.png", files.bomb(), "pixels"),
    ("film.gif", files.image("GIF", (6000, 5000)), None),
    ("film2.gif", files.animation(4), None),
]


@pytest.mark.parametrize(("name", "data", "words"), BAD_IMAGES, ids=lambda each: str(each)[:20])
def test_a_bad_image_is_refused_in_the_admin_and_leaves_no_file(
    client, settings, editor, name, data, words
):
    sent = {"title": "A picture", "file": SimpleUploadedFile(name, data)}

    response = client.post("/admin/images/add/", sent)

    if words is None:
        assert response.status_code == 302
        assert Image.objects.count() == 1
        return
    assert words in response.content.decode().lower()
    assert not Image.objects.exists()
    assert files_kept(settings) == []


def test_an_upload_through_the_admin_is_stripped(client, editor):
    sent = {"title": "A photo", "file": SimpleUploadedFile("photo.jpg", files.photo())}
    client.post("/admin/images/add/", sent)

    image = Image.objects.get()
    assert (image.width, image.height) == (30, 40)
    with image.open_file() as file:
        assert b"Secret" not in file.read()


@pytest.mark.parametrize(("name", "data"), [("photo.jpg", files.photo()), ("photo.svg", files.SVG)])
def test_an_upload_through_the_api_is_stripped_or_refused_as_in_the_admin(
    client, settings, editor, token, name, data
):
    sent = {"title": "A photo", "file": SimpleUploadedFile(name, data)}
    response = client.post("/api/v1/images/", sent, headers=token)

    if name.endswith(".svg"):
        assert response.status_code == 422
        assert "SVG drawings can carry scripts" in response.content.decode()
        assert files_kept(settings) == []
        return
    assert response.status_code == 201
    with Image.objects.get().open_file() as file:
        assert b"Secret" not in file.read()


def test_an_image_that_comes_past_the_forms_is_stripped_too(db):
    image = Image.objects.create(title="Script", file=ContentFile(files.photo(), "photo.jpg"))

    assert (image.width, image.height) == (30, 40)
    with image.open_file() as file:
        assert b"Secret" not in file.read()


def test_a_broken_image_that_comes_past_the_forms_leaves_nothing(db, settings):
    with pytest.raises(UploadRefused):
        Image(title="Bad", width=1, height=1, file=ContentFile(files.SVG, "x.png")).save()

    assert not Image.objects.exists()
    assert files_kept(settings) == []


# --- Documents ------------------------------------------------------------------------------------
GOOD_DOCUMENTS = [
    ("plan.pdf", files.PDF),
    ("plan.docx", files.word()),
    ("plan.csv", b"week,km\n1,20\n"),
    ("plan.odt", files.archive({"mimetype": b"application/vnd.oasis.opendocument.text"})),
]
ENTITIES = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
BAD_DOCUMENTS = [
    ("page.html", b"<html><script>alert(1)</script></html>", "not"),
    ("drawing.svg", files.SVG, "not"),
    ("program.exe", b"MZ\0\0", "not"),
    ("empty.pdf", b"", "empty"),
    ("plan.pdf", files.LOCKED_PDF, "locked"),
    ("plan.pdf", files.PDF[:40], "cut short"),
    ("plan.pdf", files.word(), "holds a Word document"),
    ("plan.pdf", b"<html><body>Hello", "holds a web page"),
    ("plan.docx", files.OLE, "locked with a password"),
    ("plan.docx", files.PDF, "broken"),
    ("plan.docx", files.word()[:900], "broken"),
    ("plan.docx", files.archive({"a.txt": b"x"}), "holds a ZIP archive"),
    ("plan.docx", files.locked_archive(), "locked with a password"),
    ("plan.docx", files.archive({"word/document.xml": b"0" * 9_000_000}), "unpacks to far more"),
    ("plan.docx", files.archive({"word/document.xml": ENTITIES}), "broken"),
    ("plan.docx", files.archive({"word/document.xml": b"<a><b></a>"}), "broken"),
    ("plan.csv", b"week\0km", "something we do not know"),
    ("plan.txt", "Kov\xe1cs".encode("latin-1"), "not UTF-8"),
    ("huge.txt", b"a" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data"), GOOD_DOCUMENTS)
def test_a_good_document_is_a_download_that_no_browser_runs(client, editor, name, data):
    sent = {"title": "A plan", "file": SimpleUploadedFile(name, data)}

    assert client.post("/admin/documents/add/", sent).status_code == 302
    client.logout()
    response = client.get(Document.objects.get().url)
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(("name", "data", "words"), BAD_DOCUMENTS, ids=lambda each: str(each)[:20])
def test_a_bad_document_is_refused_with_what_is_the_matter(name, data, words):
    with pytest.raises(UploadRefused, match=words):
        check_document(name, data)


@pytest.mark.parametrize(("name", "data", "words"), BAD_DOCUMENTS[:-1:3])
def test_the_admin_and_the_api_say_so_and_leave_no_file(
    client, settings, editor, token, name, data, words
):
    def sent():
        return {"title": "A plan", "file": SimpleUploadedFile(name, data)}

    page = client.post("/admin/documents/add/", sent())
    answer = client.post("/api/v1/documents/", sent(), headers=token)

    assert page.status_code == 200
    assert words in page.content.decode()
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Document.objects.exists()
    assert files_kept(settings) == []


def test_documents_leave_by_their_view_alone(client, editor):
    sent = {"title": "A plan", "file": SimpleUploadedFile("plan.pdf", files.PDF)}
    client.post("/admin/documents/add/", sent)
    name = Document.objects.get().file.name

    for path in [name, f"./{name}", f"images/../{name}", f"/{name}"]:
        assert client.get(f"/media/{path}").status_code == 404
