"""Policies: words bound to rules, one version after another, each for good (U8)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cms.models import PolicyPage, PolicyText
from cms.tree import add_page
from payments.agreeing import texts_agreed
from tests.builders import make_policy, make_staff

BODY = "<p>Free to cancel until {{ cancel_window }} before. You can move it {{ max_moves }}.</p>"


@pytest.fixture
def rules(db):
    return make_policy("standard", summary="{{ refund_rule }}.")


@pytest.fixture
def policy(tree, rules):
    return add_page(
        tree.home,
        PolicyPage(
            title="Cancellation",
            slug="cancellation",
            code="cancellation",
            rules_code="standard",
            intro="Free until {{ cancel_window }} before.",
            body=BODY,
        ),
    )


def today():
    return timezone.localdate()


def publish(policy, by=None, **fields):
    for name, value in fields.items():
        setattr(policy, name, value)
    policy.save_revision(user=by).publish(user=by)
    policy.refresh_from_db()


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_page_says_the_value_of_the_rule(client, policy):
    html = read(client, "/cancellation/")

    assert "Free to cancel until 24 hours before. You can move it 3 times." in html
    assert '<p class="lead">Free until 24 hours before.</p>' in html
    assert '<meta name="description" content="Free until 24 hours before.">' in html
    assert "{{" not in html


def test_a_change_of_the_rule_changes_the_page_and_makes_a_version(client, policy):
    make_policy("standard", 2, cancel_window_minutes=720, effective_from=today())

    assert "until 12 hours before" in read(client, "/cancellation/")
    assert "until 12 hours before" in read(client, "/policies/cancellation/")
    assert "until 24 hours before" in read(client, "/policies/cancellation/1/")
    assert "until 12 hours before" in read(client, "/policies/cancellation/2/")
    assert [text.rules_version for text in PolicyText.objects.order_by("number")] == [1, 2]


def test_publishing_makes_a_version_that_names_its_author_and_rules(policy):
    editor = make_staff(name="Edda Wright", is_superuser=True)
    publish(policy, editor, body=BODY + "<p>Ring us if you are ill.</p>")

    text = PolicyText.objects.get(number=2)
    assert (text.published_by, text.effective_on) == (editor, today())
    assert (text.rules_code, text.rules_version) == ("standard", 1)


def test_publishing_the_same_again_makes_none(policy):
    publish(policy)
    publish(policy)
    assert PolicyText.objects.count() == 1


def test_rolling_back_is_a_further_version(policy):
    publish(policy, body="<p>Shorter.</p>")
    publish(policy, body=BODY)
    assert [text.body for text in PolicyText.objects.order_by("number")] == [
        BODY,
        "<p>Shorter.</p>",
        BODY,
    ]


def test_a_draft_is_no_version_and_nobody_reads_it(client, policy):
    policy.body = "<p>Not agreed yet.</p>"
    policy.save_revision()

    assert PolicyText.objects.count() == 1
    assert "Not agreed" not in read(client, "/cancellation/")
    assert "Not agreed" not in client.get("/api/v1/content/policies/cancellation/").content.decode()


def test_words_for_later_wait_for_their_day(client, policy):
    publish(policy, body="<p>From then on.</p>", effective_on=today() + timedelta(days=30))

    html = read(client, "/cancellation/")
    assert "From then on" not in html
    assert "Free to cancel until 24 hours" in html
    assert 'href="/policies/cancellation/2/"' in html
    assert "not in force yet" in read(client, "/policies/cancellation/2/")


def test_a_rule_for_later_waits_with_its_words(client, policy, time_machine_day):
    change = today() + timedelta(days=10)
    make_policy("standard", 2, cancel_window_minutes=720, effective_from=change)
    publish(policy, body=BODY + "<p>Ring us.</p>")

    html = read(client, "/cancellation/")
    assert "until 24 hours before" in html
    assert "Ring us." in html

    time_machine_day(change)
    html = read(client, "/cancellation/")
    assert "until 12 hours before" in html
    assert "Ring us." in html


def test_a_rule_that_comes_before_words_for_later_does_not_undo_them(
    client, policy, time_machine_day
):
    start = today() + timedelta(days=30)
    publish(policy, body=BODY + "<p>New words.</p>", effective_on=start)
    make_policy("standard", 2, cancel_window_minutes=720, effective_from=start - timedelta(days=20))

    time_machine_day(start - timedelta(days=1))
    html = read(client, "/cancellation/")
    assert "until 12 hours before" in html
    assert "New words." not in html

    time_machine_day(start)
    html = read(client, "/cancellation/")
    assert "until 12 hours before" in html
    assert "New words." in html


@pytest.fixture
def time_machine_day(monkeypatch):
    """From now on it is noon of another day."""
    real = timezone.now()

    def travel(day: date) -> None:
        days = (day - timezone.localdate(real)).days
        moment = real + timedelta(days=days)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return travel


def test_rules_changed_before_their_first_use_change_the_words_too(client, policy):
    later = make_policy("standard", 2, cancel_window_minutes=720, effective_from=today())
    later.cancel_window_minutes = 360
    later.save()

    assert "until 6 hours before" in read(client, "/cancellation/")
    assert "until 12 hours before" in read(client, "/policies/cancellation/2/")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("body", "<p>Free to cancel until 24 hours before.</p>"),
        ("intro", "Free to cancel until 24 hours before."),
        ("body", "<p>Free until {{ cancel_windw }} before.</p>"),
        ("body", "<p>You can move it three times.</p>"),
    ],
)
def test_words_that_could_lie_are_refused(policy, field, text):
    setattr(policy, field, text)
    with pytest.raises(ValidationError) as refused:
        policy.full_clean()
    assert field in refused.value.message_dict


def test_placeholders_need_rules_to_stand_for(policy):
    policy.rules_code = ""
    with pytest.raises(ValidationError, match="Choose the rules"):
        policy.full_clean()


def test_one_page_for_each_policy(policy, tree):
    another = PolicyPage(title="Again", slug="again", code="cancellation", rules_code="standard")
    with pytest.raises(ValidationError, match="this policy already"):
        add_page(tree.home, another)


def test_the_editor_refuses_in_words_and_lists_the_placeholders(admin_client, policy):
    edit = f"/admin/pages/{policy.pk}/edit/"
    form = admin_client.get(edit).content.decode()
    assert "cancel_window" in form
    assert "today <b>24 hours</b>" in form

    from wagtail.test.utils.form_data import nested_form_data, rich_text

    fields = {
        "title": policy.title,
        "slug": policy.slug,
        "code": policy.code,
        "rules_code": "standard",
        "intro": policy.intro,
        "body": rich_text("<p>Cancel until 24 hours before.</p>"),
        "effective_on": "",
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
    }
    answer = admin_client.post(edit, nested_form_data(fields)).content.decode()

    assert "The words cannot say “24 hours” of cancelling or moving" in answer
    policy.refresh_from_db()
    assert policy.get_latest_revision_as_object().body == BODY


def test_a_version_is_never_changed_or_removed(policy):
    text = PolicyText.objects.get()
    text.body = "<p>Free until the last minute.</p>"
    with pytest.raises(IntegrityError, match="policy_texts_are_kept"), transaction.atomic():
        text.save()
    with pytest.raises(IntegrityError, match="policy_texts_are_kept"), transaction.atomic():
        PolicyText.objects.all().delete()


def test_a_page_taken_away_leaves_its_versions(client, policy):
    policy.unpublish()

    assert client.get("/cancellation/").status_code == 404
    assert "until 24 hours before" in read(client, "/policies/cancellation/1/")
    assert client.get("/api/v1/content/policies/").json() == []


def test_orders_are_told_which_words_go_with_which_rules(policy, rules):
    publish(policy, body=BODY + "<p>Ring us.</p>")
    new = make_policy("standard", 2, cancel_window_minutes=720, effective_from=today())

    assert texts_agreed(rules, today()) == ["cancellation/2"]
    assert texts_agreed(new, today()) == ["cancellation/3"]
    assert texts_agreed(make_policy("other"), today()) == []


def test_any_machine_can_read_every_version(client, policy):
    make_policy("standard", 2, cancel_window_minutes=720, effective_from=today())

    [row] = client.get("/api/v1/content/policies/").json()
    now = client.get("/api/v1/content/policies/cancellation/").json()
    first = client.get("/api/v1/content/policies/cancellation/1/").json()

    assert (row["code"], row["version"], row["rules"]) == ("cancellation", 2, "standard v2")
    assert now["values"]["cancel_window"] == "12 hours"
    assert "until 12 hours before" in now["html"]
    assert "until 24 hours before" in first["html"]
    assert (now["is_in_force"], first["is_in_force"]) == (True, False)
    assert [each["version"] for each in first["versions"]] == [2, 1]
    assert first["url"].endswith("/policies/cancellation/1/")


@pytest.mark.parametrize(
    "path",
    [
        "/policies/nothing/",
        "/policies/cancellation/99/",
        "/api/v1/content/policies/nothing/",
        "/api/v1/content/policies/cancellation/99/",
    ],
)
def test_what_there_never_was_is_404(client, policy, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/cancellation/", "/policies/", "/policies/cancellation/", "/policies/cancellation/1/"]
)
def test_any_cache_may_keep_them(client, policy, path):
    answer = client.get(path)

    assert "public" in answer["Cache-Control"]
    assert not answer.cookies
    again = client.get(path, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_the_number_of_queries_does_not_grow_with_versions(
    client, policy, django_assert_max_num_queries
):
    for number in range(2, 7):
        make_policy("standard", number, cancel_window_minutes=number * 60, effective_from=today())
    client.get("/cancellation/")
    with django_assert_max_num_queries(12):
        client.get("/cancellation/")
    with django_assert_max_num_queries(4):
        client.get("/policies/cancellation/3/")


def test_a_policy_is_asked_once_for_all_that_it_says(policy, django_assert_num_queries):
    page = PolicyPage.objects.select_related("locale").get(pk=policy.pk)

    with django_assert_num_queries(1):
        said = page.version, page.in_force_from, page.intro_words, page.summary
        assert "24 hours" in page.body_html

    assert said == (1, today(), "Free until 24 hours before.", "Free until 24 hours before.")


def test_placeholders_work_in_any_rich_text(client, write, rules):
    write("Before a race", body=[("prose", "<p>Cancel until {{ cancel_window }} before.</p>")])
    assert "Cancel until 24 hours before." in read(client, "/journal/before-a-race/")
