"""What the checks find, and what is kept of it when a page is published all the same."""

import csv
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.contrib.auth.models import Group
from wagtail.models import PageLogEntry

from cms.admin.checks import PracticeChecks
from cms.contents import newest, pages_in_editing
from cms.health import Matter, findings, findings_of
from cms.models import ArticlePage, StandardPage
from cms.overriding import OVERRIDE
from tests.cms.test_editing import add_url
from tests.cms.test_editorial_life import PUBLISH, form


@pytest.fixture
def max_(client, tree, django_user_model):
    user = django_user_model.objects.create(email="max@example.com", name="Max", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return user


def matters(page):
    return [finding.matter for finding in findings_of(page)]


def prose(html):
    return [("prose", html)]


def heading(text, level):
    return ("heading", {"text": text, "number": None, "level": level})


SOURCES = [("source", {"text": "Weerapong 2005", "found": "", "link": ""})]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([heading("A", "2"), heading("B", "3"), heading("C", "2")], []),
        ([heading("B", "3")], [Matter.HEADING]),
        (prose('<p><a href="https://example.org/">The trial</a></p>'), []),
        (prose('<p><a href="https://example.org/">Click here</a></p>'), [Matter.VAGUE_LINK]),
        (prose('<p><a href="https://example.org/">here.</a></p>'), [Matter.VAGUE_LINK]),
        (prose('<p><a href="https://example.org/"> </a></p>'), [Matter.EMPTY_LINK]),
        (prose('<p><a linktype="page" id="999999">Gone</a></p>'), [Matter.DEAD_LINK]),
        (prose("<p>Massage cures shin splints.</p>"), [Matter.CLAIM]),
        (prose("<p>Studies show that it speeds up recovery.</p>"), [Matter.CLAIM]),
        (prose('<p>It prevents it (<a href="https://x.org/">the trial</a>).</p>'), []),
        (prose("<p>Massage feels good after a long run.</p>"), []),
        (
            [("faq", {"title": "", "items": [{"question": "So?", "answer": "<p>It heals.</p>"}]})],
            [Matter.CLAIM],
        ),
    ],
)  # fmt: skip
def test_each_rule_finds_its_matter_and_nothing_else(tree, body, expected):
    assert matters(ArticlePage(title="Calves", intro="Why.", body=body)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"intro": "Why."}, []),
        ({"search_description": "Why."}, []),
        ({}, [Matter.DESCRIPTION]),
        ({"intro": "Why.", "title": "Calves " * 12}, [Matter.TITLE]),
        ({"intro": "Why.", "title": "Calves " * 12, "seo_title": "Calves"}, []),
        ({"intro": "Why.", "body": prose("<p>It heals.</p>"), "sources": SOURCES}, []),
    ],
)
def test_fields_of_the_page_are_looked_at_too(tree, fields, expected):
    assert matters(ArticlePage(**{"title": "Calves"} | fields)) == expected


def test_a_picture_in_the_body_has_words_or_is_decoration(tree, picture):
    def page(alt, decorative):
        image = {"image": picture.pk, "alt_text": alt, "decorative": decorative}
        raw = [{"type": "picture", "id": "1", "value": {"image": image, "caption": ""}}]
        found = StandardPage(title="A", intro="B")
        found.body = StandardPage.body.field.to_python(raw)
        return matters(found)

    assert page("Lanes", False) == []
    assert page("", True) == []
    assert page("", False) == [Matter.ALT]


def test_a_link_to_a_page_that_was_taken_back_is_found(tree, write):
    target = write("Target")
    source = write("Source", body=prose(f'<p><a linktype="page" id="{target.pk}">it</a></p>'))
    assert Matter.DEAD_LINK not in matters(source)

    target.unpublish()

    found = findings(newest(pages_in_editing()))
    assert [finding.matter for finding in found[source.pk]] == [Matter.DEAD_LINK]


def test_publishing_over_findings_is_possible_and_kept_in_the_history(client, tree, max_):
    client.post(add_url(tree), form(words="It cures everything.") | PUBLISH)

    page = ArticlePage.objects.get()
    assert page.live
    entry = PageLogEntry.objects.get(action=OVERRIDE)
    assert entry.user == max_
    assert entry.data["findings"] == [
        "Reads like a medical claim without a source: “cures” in Text"
    ]
    history = client.get(f"/admin/pages/{page.pk}/history/").content.decode()
    assert "Published as it is: Reads like a medical claim" in history


def test_publishing_a_page_in_good_health_leaves_no_such_entry(client, tree, max_):
    client.post(add_url(tree), form() | PUBLISH)

    assert ArticlePage.objects.get().live
    assert not PageLogEntry.objects.filter(action=OVERRIDE).exists()


def test_a_saved_draft_is_told_at_the_top_of_its_form(client, tree, max_):
    client.post(add_url(tree), form(words="It cures everything."))

    page = ArticlePage.objects.get()
    html = client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    assert "Worth a look before you publish." in html
    assert "“cures” in Text" in html
    assert not PageLogEntry.objects.filter(action=OVERRIDE).exists()


def test_the_checker_of_the_editor_has_our_rules(client, tree, max_):
    client.post(add_url(tree), form(words="It cures everything."))
    page = ArticlePage.objects.get()
    edit = f"/admin/pages/{page.pk}/edit/"

    html = client.get(edit).content.decode()
    client.post(f"{edit}preview/", form(words="It cures everything."))
    preview = client.get(f"{edit}preview/").content.decode()

    assert '"page-claim"' in html
    assert '"vague-link"' in html
    assert '<body class="found-claim"' in preview
    assert "wagtail-userbar" in preview
    rules = {rule["id"] for rule in PracticeChecks.axe_custom_rules}
    named = set(PracticeChecks.axe_run_only) | set(PracticeChecks.axe_messages)
    assert {"vague-link", "page-claim", "page-alt", "page-description"} <= rules & named


def test_readers_never_meet_the_checker(client, tree, write):
    write(body=prose("<p>It cures everything.</p>"))

    html = client.get("/journal/calves-in-week-six/").content.decode()

    assert "userbar" not in html
    assert "found-claim" not in html


# --- The reports ---------------------------------------------------------------------------------
HEALTH = "/admin/reports/content/health/"
USES = "/admin/reports/content/uses/"


@pytest.fixture
def articles(write):
    write("Sound")
    write("Claims", body=prose("<p>It cures.</p>"))
    write("Offers", body=[("package_offer", {"package": "five-60", "note": ""})])
    write("Gone", body=[("package_offer", {"package": "ten-60", "note": ""})])


def listed(client, address):
    return {page.title: page.notes for page in client.get(address).context["object_list"]}


def test_the_health_report_lists_what_is_the_matter_and_filters_by_it(client, max_, articles):
    every = listed(client, HEALTH)
    claims = listed(client, f"{HEALTH}?matter=claim")

    assert "Sound" not in every
    assert every["Claims"] == ["Reads like a medical claim without a source: “cures” in Text"]
    assert list(claims) == ["Claims"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Offers": ["Package offer: package five-60"],
              "Gone": ["Package offer: package ten-60"],
              "Sana Iqbal": ["Therapist: therapist sana"]}),
        ("?kind=package&code=five-60", {"Offers": ["Package offer: package five-60"]}),
        ("?state=withdrawn", {"Gone": ["Package offer: package ten-60"]}),
        ("?kind=service", {}),
    ],
)  # fmt: skip
def test_the_report_of_uses_lists_every_page_and_block(client, max_, articles, query, expected):
    assert listed(client, f"{USES}{query}") == expected


@pytest.mark.parametrize("address", [HEALTH, USES])
def test_reports_leave_as_csv_and_as_xlsx(client, max_, articles, address):
    text = b"".join(client.get(f"{address}?export=csv").streaming_content).decode()
    book = b"".join(client.get(f"{address}?export=xlsx").streaming_content)

    rows = list(csv.reader(StringIO(text)))
    sheet = openpyxl.load_workbook(BytesIO(book)).active
    assert rows[0][-1] in ("What is the matter", "Used in")
    assert len(rows) == sheet.max_row == len(listed(client, address)) + 1


@pytest.mark.parametrize("address", [HEALTH, USES])
def test_reports_cost_the_same_for_few_pages_and_many(
    client, max_, articles, write, address, django_assert_max_num_queries
):
    def cost():
        with django_assert_max_num_queries(200) as asked:
            client.get(address)
        return len(asked)

    cost()
    before = cost()
    for number in range(5):
        write(
            f"More {number}",
            body=[*prose("<p>It heals.</p>"), ("package_offer", {"package": f"p{number}"})],
        )

    assert cost() == before


def test_reports_are_for_those_who_write(client, tree, django_user_model):
    user = django_user_model.objects.create(email="mo@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name="Managers"))
    client.force_login(user)

    assert client.get(HEALTH).status_code == 302
    assert HEALTH not in client.get("/admin/").content.decode()
