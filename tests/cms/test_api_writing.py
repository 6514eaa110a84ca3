"""An outside program writes: nothing is lost, nothing unknown is taken, nothing is half done."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Revision

from accounts.models import User
from cms.api_scopes import Scope
from cms.models import ArticlePage
from tests.cms.token_holders import EVERYTHING, Program, editor

API = "/api/v1"


@pytest.fixture
def program(client, tree):
    return Program(client, editor(), *EVERYTHING)


@pytest.fixture
def article(tree, picture):
    """A whole article as a program sends it."""
    return {
        "meta": {"type": "cms.ArticlePage", "parent_id": tree.journal.pk},
        "title": "Calves from outside",
        "intro": "Why calves tighten.",
        "author_name": "A script",
        "tags": ["calves", "week six"],
        "body": [
            {"type": "heading", "value": {"text": "Why", "level": "2"}},
            {"type": "prose", "value": {"format": "db_markdown", "content": "They **work**."}},
            {
                "type": "picture",
                "value": {
                    "image": {"image": picture.pk, "alt_text": "Lanes", "decorative": False},
                    "caption": "",
                },
            },
            {"type": "faq", "value": {"items": [{"question": "Why?", "answer": "<p>So.</p>"}]}},
            {"type": "package_offer", "value": {"package": "five-60"}},
        ],
        "sources": [{"type": "source", "value": {"text": "Poppendieck et al., 2016"}}],
    }


def shown(client, number):
    return client.get(f"{API}/pages/{number}/")


# --- A page's life -------------------------------------------------------------------------------
def test_an_article_is_written_published_moved_and_deleted(client, program, article):
    made = program.post("/pages/", article)
    number = made.json()["id"]

    assert made.status_code == 201
    assert made.json()["tags"] == ["calves", "week six"]
    assert made.json()["meta"]["slug"] == "calves-from-outside"
    assert shown(client, number).status_code == 404

    program.patch(f"/pages/{number}/", {"title": "Calves, again"})
    assert program.post(f"/pages/{number}/actions/publish/").status_code == 200
    assert shown(client, number).json()["title"] == "Calves, again"
    page = client.get("/journal/calves-from-outside/").content.decode()
    assert "<b>work</b>" in page
    assert "Poppendieck" in page

    program.patch(f"/pages/{number}/", {"title": "Not yet for readers"})
    assert shown(client, number).json()["title"] == "Calves, again"

    assert program.post(f"/pages/{number}/actions/unpublish/").status_code == 200
    assert shown(client, number).status_code == 404
    assert program("DELETE", f"/pages/{number}/").status_code == 204
    assert not ArticlePage.objects.exists()


def test_what_source_gives_is_what_patch_takes(program, article):
    number = program.post("/pages/", article).json()["id"]
    source = program.get(f"/content/pages/{number}/source/")
    fields = source.json()["fields"]

    again = program.patch(f"/pages/{number}/", fields, **{"If-Match": source["ETag"]})

    assert again.status_code == 200
    kept = program.get(f"/content/pages/{number}/source/").json()["fields"]
    types = [block["type"] for block in article["body"]]
    assert [block["type"] for block in kept["body"]] == types
    assert [block["id"] for block in kept["body"]] == [block["id"] for block in fields["body"]]
    assert {name: kept[name] for name in kept if name != "body"} == {
        name: fields[name] for name in fields if name != "body"
    }


def test_publishing_later_is_scheduling(client, program, article):
    later = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    number = program.post("/pages/", article | {"go_live_at": later.isoformat()}).json()["id"]

    answer = program.post(f"/pages/{number}/actions/publish/")

    assert answer.status_code == 200
    assert shown(client, number).status_code == 404
    waiting = Revision.page_revisions.filter(object_id=str(number))
    assert waiting.filter(approved_go_live_at=later).exists()
    refused = program.patch(f"/pages/{number}/", {"title": "Changed while it waits"})
    assert refused.status_code == 403


@pytest.mark.parametrize("slug", ["läufer", "走る", "달리기", "τρέξιμο", "ריצה"])
def test_a_slug_in_any_script_is_an_address(client, program, article, slug):
    article["meta"]["action"] = "publish"

    made = program.post("/pages/", article | {"slug": slug})

    assert made.status_code == 201
    assert made.json()["meta"]["slug"] == slug
    assert client.get(f"/journal/{slug}/").status_code == 200
    found = client.get(f"{API}/content/by-path/", {"path": f"/journal/{slug}/"})
    assert found.json()["id"] == made.json()["id"]


def test_a_page_goes_only_where_the_admin_would_let_it(program, article, tree):
    article["meta"]["parent_id"] = tree.treatments.pk

    assert program.post("/pages/", article).status_code == 403
    assert not ArticlePage.objects.exists()


# --- Two at once ---------------------------------------------------------------------------------
def test_of_two_editors_the_second_hears_of_the_first(client, program, article):
    number = program.post("/pages/", article).json()["id"]
    other = Program(client, editor("other@example.com"), *EVERYTHING)
    seen = program.get(f"/pages/{number}/?version=draft")["ETag"]

    first = other.patch(f"/pages/{number}/", {"title": "Theirs"}, **{"If-Match": seen})
    second = program.patch(f"/pages/{number}/", {"title": "Mine"}, **{"If-Match": seen})

    assert first.status_code == 200
    assert second.status_code == 412
    assert second.json()["code"] == "stale"
    assert second.json()["etag"] == first["ETag"]
    draft = program.get(f"/pages/{number}/?version=draft").json()
    assert draft["title"] == "Theirs"
    third = program.patch(f"/pages/{number}/", {"title": "Both"}, **{"If-Match": first["ETag"]})
    assert third.status_code == 200


@pytest.mark.parametrize("act", ["publish", "unpublish", "delete"])
def test_an_act_on_a_page_that_has_changed_is_412(program, article, act):
    number = program.post("/pages/", article).json()["id"]
    method = "DELETE" if act == "delete" else "POST"

    answer = program(method, f"/pages/{number}/actions/{act}/", **{"If-Match": '"draft-1-1"'})

    assert answer.status_code == 412
    assert ArticlePage.objects.filter(pk=number, live=False).exists()


@pytest.mark.parametrize("wanted", ["*", '"other", {etag}', "W/{etag}"])
def test_if_match_speaks_http(program, article, wanted):
    made = program.post("/pages/", article)
    header = {"If-Match": wanted.format(etag=made["ETag"])}

    answer = program.patch(f"/pages/{made.json()['id']}/", {"title": "Mine"}, **header)

    assert answer.status_code == 200


# --- What is not taken ---------------------------------------------------------------------------
HEADING = {"type": "heading", "value": {"text": "Why", "level": "2"}}
WRONG = [
    ({"titel": "x"}, 400, ["titel"]),
    ({"author": 5}, 400, ["author"]),
    ({"reading_minutes": 5}, 400, ["reading_minutes"]),
    ({"live": True}, 400, ["live"]),
    ({"meta": {"aktion": "publish"}}, 400, ["meta", "aktion"]),
    ({"meta": {"action": "explode"}}, 422, ["meta", "action"]),
    ({"meta": {"type": "cms.HomePage"}}, 422, ["meta", "type"]),
    ({"title": 5}, 422, ["title"]),
    ({"title": ""}, 422, ["title"]),
    ({"title": "x" * 256}, 422, ["title"]),
    ({"title": "half \ud800"}, 422, ["title"]),
    ({"slug": "a slug"}, 422, ["slug"]),
    ({"tags": ["a", 5]}, 422, ["tags", 1]),
    ({"hero_image_id": 99999}, 422, ["hero_image"]),
    ({"author_id": 99999}, 422, ["author"]),
    ({"author_id": 10**30}, 422, ["author_id"]),
    ({"go_live_at": "soon"}, 422, ["go_live_at"]),
    ({"body": "words"}, 422, ["body"]),
    ({"body": {"type": "prose"}}, 422, ["body"]),
    ({"body": ["words"]}, 422, ["body", 0]),
    ({"body": [{"type": "prose"}]}, 422, ["body", 0, "value"]),
    ({"body": [HEADING, {"type": "poem", "value": ""}]}, 422, ["body", 1, "type"]),
    ({"body": [{**HEADING, "style": "x"}]}, 422, ["body", 0, "style"]),
    ({"body": [{**HEADING, "id": 5}]}, 422, ["body", 0, "id"]),
    (
        {"body": [{"type": "heading", "value": {"level": "2"}}]},
        422,
        ["body", 0, "value", "text"],
    ),
    (
        {"body": [{"type": "heading", "value": {"text": "a", "level": "7"}}]},
        422,
        ["body", 0, "value", "level"],
    ),
    (
        {"body": [{"type": "heading", "value": {"text": "a", "level": "2", "size": 1}}]},
        422,
        ["body", 0, "value", "size"],
    ),
    ({"body": [{"type": "heading", "value": "Why"}]}, 422, ["body", 0, "value"]),
    ({"body": [{"type": "prose", "value": 7}]}, 422, ["body", 0, "value"]),
    (
        {"body": [{"type": "prose", "value": {"format": "html", "content": "x"}}]},
        422,
        ["body", 0, "value", "format"],
    ),
    (
        {"body": [{"type": "faq", "value": {"items": [{"question": "Why?"}]}}]},
        422,
        ["body", 0, "value", "items", 0, "answer"],
    ),
    (
        {"body": [{"type": "package_offer", "value": {"package": "gone"}}]},
        422,
        ["body", 0, "value", "package"],
    ),
    (
        {"body": [{"type": "picture", "value": {"image": {"image": 777}}}]},
        422,
        ["body", 0, "value", "image", "image"],
    ),
    (
        {"body": [{"type": "do_dont", "value": {"do": ["x"], "dont": "y"}}]},
        422,
        ["body", 0, "value", "dont"],
    ),
]


@pytest.mark.parametrize(("change", "status", "path"), WRONG, ids=lambda value: str(value)[:60])
def test_what_is_wrong_is_named_with_its_path_and_nothing_is_written(
    program, article, change, status, path
):
    number = program.post("/pages/", article).json()["id"]
    before = Revision.objects.count()

    answer = program.patch(f"/pages/{number}/", {"intro": "Changed", **change})

    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["loc"] == ["body", *path]
    assert Revision.objects.count() == before
    assert program.get(f"/pages/{number}/?version=draft").json()["intro"] == "Why calves tighten."


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("[]", 422, "invalid"),
        ("null", 422, "invalid"),
        ("5", 422, "invalid"),
        ("{", 400, "unreadable_body"),
        ("\xff", 400, "unreadable_body"),
        ('{"title": NaN}', 422, "invalid"),
        ('{"title": "a\\u0000b"}', 400, "zero_byte"),
        ('{"body": ' + "[" * 5000 + "]" * 5000 + "}", 422, "invalid"),
        ('{"title": "' + "x" * 2_700_000 + '"}', 413, "body_too_big"),
    ],
    ids=["list", "null", "number", "broken", "not text", "nan", "zero", "deep", "big"],
)
def test_a_body_that_is_none_is_refused(program, article, body, status, code):
    number = program.post("/pages/", article).json()["id"]

    answer = program.patch(f"/pages/{number}/", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def nested(levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(("levels", "deep"), [(19, False), (20, True), (21, True)])
def test_twenty_levels_are_the_most(program, article, levels, deep):
    number = program.post("/pages/", article).json()["id"]

    answer = program.patch(f"/pages/{number}/", {"body": nested(levels)})

    error = answer.json()["errors"][0]
    assert answer.status_code == 422
    assert (error["type"] == "too_deep") is deep
    assert error["loc"][:2] == ["body", "body"]


def test_a_draft_may_be_half_done_and_what_is_published_may_not(client, program, article):
    article["body"] = [{"type": "heading", "value": {"text": "", "level": "2"}}]
    made = program.post("/pages/", article)
    number = made.json()["id"]

    published = program.post(f"/pages/{number}/actions/publish/")
    at_once = program.post("/pages/", article | {"meta": article["meta"] | {"action": "publish"}})

    assert made.status_code == 201
    assert published.status_code == 422
    assert published.json()["errors"][0]["loc"] == ["body", 0, "value", "text"]
    assert at_once.status_code == 422
    assert at_once.json()["errors"][0]["loc"] == ["body", "body", 0, "value", "text"]
    assert ArticlePage.objects.count() == 1
    assert shown(client, number).status_code == 404


def test_a_picture_goes_out_with_words_or_as_decoration(program, article, picture):
    number = program.post("/pages/", article).json()["id"]

    def with_image(**image):
        block = {"type": "picture", "value": {"image": {"image": picture.pk, **image}}}
        body = {"body": [block], "meta": {"action": "publish"}}
        return program.patch(f"/pages/{number}/", body)

    assert with_image(alt_text="").json()["errors"][0]["loc"][:5] == [
        "body", "body", 0, "value", "image",
    ]  # fmt: skip
    assert with_image(decorative=True).status_code == 200


# --- Images, documents, redirects ----------------------------------------------------------------
def upload(program, path, **form):
    return program.client.post(
        f"{API}{path}", form, headers={"Authorization": f"Bearer {program.secret}"}
    )


def test_an_image_is_uploaded_described_and_served_in_our_sizes(client, program, picture):
    with picture.file.open() as file:
        made = upload(program, "/images/", title="Bend", description="A bend", file=file)
    number = made.json()["id"]

    assert made.status_code == 201
    assert program.patch(f"/images/{number}/", {"title": "The bend"}).status_code == 200
    served = client.get(f"{API}/content/images/{number}/").json()
    assert served["title"] == "The bend"
    assert served["alt"] == "A bend"
    assert program("DELETE", f"/images/{number}/").status_code == 204


def test_a_field_nobody_reads_beside_a_file_is_refused(program, picture):
    with picture.file.open() as file:
        answer = upload(program, "/images/", title="Bend", titel="x", file=file)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["loc"] == ["body", "titel"]
    assert Image.objects.count() == 1


def test_what_is_no_image_is_not_taken(program):
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", "image/png")
    answer = upload(program, "/images/", title="Bend", file=file)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "file"]
    assert not Image.objects.exists()


def test_a_document_is_uploaded_and_found(client, program):
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("plan.txt", b"Run. Rest.", "text/plain")
    made = upload(program, "/documents/", title="Plan", file=file)

    assert made.status_code == 201
    found = client.get(f"{API}/documents/{made.json()['id']}/").json()
    assert found["meta"]["download_url"].startswith("http://localhost:8000/documents/")
    assert Document.objects.get().title == "Plan"


def test_a_redirect_is_made_changed_and_taken_away(client, tree):
    owner = User.objects.create_superuser(email="owner@example.com", password="long enough 2026")
    program = Program(client, owner, Scope.REDIRECTS)
    made = program.post("/redirects/", {"old_path": "/old/", "redirect_page_id": tree.journal.pk})
    number = made.json().get("id")
    path = f"{API}/content/redirect/?path=/old/"

    assert made.status_code == 201, made.content
    assert client.get(path).json()["location"].endswith("/journal/")
    wrong = program("PUT", f"/redirects/{number}/", {"old_path": "/old/", "redirect_pag_id": 1})
    assert wrong.json()["errors"][0]["loc"] == ["body", "redirect_pag_id"]
    elsewhere = {"old_path": "/old/", "redirect_link": "https://a.example/", "is_permanent": False}
    assert program("PUT", f"/redirects/{number}/", elsewhere).status_code == 200
    assert client.get(path).json() == {"location": "https://a.example/", "permanent": False}
    assert program("DELETE", f"/redirects/{number}/").status_code == 204
    assert client.get(path).status_code == 404


def test_a_token_for_drafts_alone_publishes_nothing(client, tree, article):
    writer = Program(client, editor(), Scope.READ_DRAFTS, Scope.WRITE)
    number = writer.post("/pages/", article).json()["id"]

    assert writer.post(f"/pages/{number}/actions/publish/").status_code == 403
    assert shown(client, number).status_code == 404
