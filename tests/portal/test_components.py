"""What a runner, a bookkeeper or a screen reader gets from a component."""

from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.template.loader import render_to_string

from portal.styleguide import PACKAGES, Slot, _board
from portal.templatetags import portal_ui

LONDON = "Europe/London"
SUMMER = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
WINTER = datetime(2026, 12, 2, 17, 30, tzinfo=UTC)


def _render(component, **context):
    return render_to_string(f"components/{component}.html", context)


def _tree(component, **context):
    return BeautifulSoup(_render(component, **context), "html.parser")


def _all(tree, selector, attribute):
    return [found[attribute] for found in tree.select(selector) if found.has_attr(attribute)]


def _text(element):
    return " ".join(element.get_text().split())


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (5180, "GBP", "£51.80"),
        (0, "GBP", "£0.00"),
        (-11974, "GBP", "\N{MINUS SIGN}£119.74"),
        (58, "JPY", "JP¥58"),
        (1234, "KWD", "KWD\N{NO-BREAK SPACE}1.234"),
        (100_000_00, "GBP", "£100,000.00"),
    ],
)
def test_money_has_the_exponent_of_its_currency(minor, currency, words):
    assert portal_ui.money(minor, currency).replace("KWD1", "KWD\N{NO-BREAK SPACE}1") == words


def test_short_money_drops_pence_only_when_there_are_none():
    assert portal_ui.money_short(5800, "GBP") == "£58"
    assert portal_ui.money_short(5180, "GBP") == "£51.80"
    assert portal_ui.money_short(125_000, "GBP") == "£1,250"


def test_machines_get_plain_figures():
    assert portal_ui.minor_plain(5800, "GBP") == "58.00"
    assert portal_ui.minor_plain(58, "JPY") == "58"


def test_times_are_those_of_the_clinic_in_summer_and_winter():
    assert portal_ui.plain_time(SUMMER, LONDON) == "17:30"
    assert portal_ui.plain_time(WINTER, LONDON) == "17:30"
    assert 'datetime="2026-07-01T17:30+01:00"' in portal_ui.local_time(SUMMER, LONDON)


def test_a_late_evening_belongs_to_the_day_of_the_clinic():
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

    assert portal_ui.plain_day(late, LONDON).replace("\N{NO-BREAK SPACE}", " ") == "Thu 2 Jul"


def test_a_short_day_never_breaks_over_a_line():
    assert " " not in portal_ui.plain_day(WINTER, LONDON)


@pytest.mark.parametrize(
    ("days", "words"), [(365, "12 months"), (30, "1 month"), (45, "45 days"), (1, "1 day")]
)
def test_validity_is_said_in_months_when_it_is_months(days, words):
    assert portal_ui.validity_words(days).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(45, "45 min"), (90, "90 min"), (120, "2 h"), (135, "2 h 15 min")]
)
def test_a_session_is_said_in_minutes_and_a_long_gap_in_hours(minutes, words):
    assert portal_ui.minutes_words(minutes).replace("\N{NO-BREAK SPACE}", " ") == words


def test_slots_are_grouped_by_the_clock_of_the_clinic():
    noon_in_london = datetime(2026, 7, 1, 11, 0, tzinfo=UTC)

    parts = portal_ui.parts_of_day([Slot(noon_in_london), Slot(SUMMER)], LONDON)

    assert [part.name for part in parts] == ["Afternoon", "Evening"]


def test_a_full_day_cannot_be_chosen():
    days = [{"day": date(2026, 12, 2), "free": 9}, {"day": date(2026, 12, 3), "free": 0}]

    tree = _tree("day_strip", days=days, chosen=date(2026, 12, 2), base="?therapist=imre&day=")

    assert _all(tree, "a", "href") == ["?therapist=imre&day=2026-12-02#times"]
    assert _all(tree, "a", "aria-current") == ["date"]
    assert "full" in _text(tree)


def test_a_slot_in_a_form_sends_its_instant():
    tree = _tree("slot_grid", slots=[Slot(WINTER, "Imre")], tz=LONDON, action="/book/hold/")

    assert _all(tree, "form", "method") == ["post"]
    assert _all(tree, "button", "value") == ["2026-12-02T17:30:00+00:00"]
    assert _text(tree.button) == "Wednesday 2 December, 17:30 with Imre"


def test_a_slot_with_its_own_hold_carries_its_fields_and_no_token():
    slot = Slot(WINTER, "Imre", hold_url="/book/hold/", hold_fields={"variant": "sports-60"})

    tree = _tree("next_times", slots=[slot], tz=LONDON, title="Next free")

    assert _all(tree, "form", "action") == ["/book/hold/"]
    assert _all(tree, "input", "name") == ["variant"]


def test_next_times_shows_three_and_says_when_there_are_none():
    four = [Slot(WINTER, "Imre", url="#")] * 4

    assert len(_tree("next_times", slots=four, tz=LONDON).select("li")) == 3
    assert "No free time" in _text(_tree("next_times", slots=[], tz=LONDON))


def test_a_price_card_tells_price_each_and_saving_before_the_button():
    text = _text(_tree("price_card", package=PACKAGES[1], url="/buy/"))

    told = ["5 sessions", "£259", "£51.80 a session", "Saves £31", "12 months", "Buy 5 sessions"]
    places = [text.replace("\N{NO-BREAK SPACE}", " ").index(words) for words in told]
    assert places == sorted(places)


def test_a_posting_component_sends_the_token_it_is_given():
    tree = _tree("price_card", package=PACKAGES[1], action="/buy/", csrf_token="secret")

    assert _all(tree, "input[name=csrfmiddlewaretoken]", "value") == ["secret"]


class _EmailForm(forms.Form):
    email = forms.EmailField(
        label="Email",
        help_text="We send the booking here.",
        error_messages={"invalid": "Enter an email address, like name@example.com"},
    )
    length = forms.ChoiceField(
        label="How long?",
        choices=[("45", "45 minutes"), ("60", "60 minutes")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a length"},
    )


def test_a_wrong_field_is_tied_to_its_error_and_keeps_what_was_typed():
    form = _EmailForm({"email": "robin@"})
    form.is_valid()

    tree = _tree("field", field=form["email"], autocomplete="email", inputmode="email")

    control = tree.input
    assert control.get("value") == "robin@"
    assert control.get("aria-invalid") == "true"
    assert control.get("autocomplete") == "email"
    for identifier in control.get("aria-describedby").split():
        assert tree.find(id=identifier)


def test_the_error_summary_links_to_the_controls_in_the_words_of_the_fields():
    form = _EmailForm({"email": "robin@"})
    form.is_valid()

    tree = _tree("error_summary", form=form)

    assert _all(tree, "a", "href") == ["#id_email", "#id_length_0"]
    assert _text(tree.a) == form.errors["email"][0]


def test_a_form_without_errors_has_no_summary():
    assert not _render("error_summary", form=_EmailForm()).strip()


def test_what_is_typed_by_people_is_escaped():
    for name, context in {
        "note": {"text": "<b>x</b>"},
        "tape": {"label": "<b>x</b>"},
        "quote": {"text": "<b>x</b>"},
        "therapist_card": {"name": "<b>x</b>", "url": "#", "runs": "", "seed": "<b>x</b>"},
        "table": {"caption": "c", "columns": [{"label": "a"}], "rows": [["<b>x</b>"]]},
    }.items():
        rendered = _render(name, **context)
        assert "<b>x" not in rendered, name
        assert "&lt;b&gt;x" in rendered, name
        assert "&amp;lt;" not in rendered, name


def test_the_board_says_each_state_in_words():
    tree = _tree("day_board", board=_board())

    states = {_text(state) for state in tree.select(".appt__state")}
    assert {"Booked", "Arrived", "Done", "No-show", "Blocked", "To pay £58"} <= states


def test_the_board_places_bookings_by_class():
    tree = _tree("day_board", board=_board())

    ashe = next(found for found in tree.select("article") if "R. Ashe" in found.get_text())
    assert {"row-2", "span-4"} <= set(ashe["class"])


def test_the_equation_says_its_operators_aloud():
    terms = [
        {"label": "Taken", "amount_minor": 100, "operator": ""},
        {"label": "Fees", "amount_minor": 20, "operator": "-"},
        {"label": "Paid out", "amount_minor": 80, "operator": "="},
    ]

    text = _text(_tree("equation", terms=terms, currency="GBP", holds=True))

    assert "minus" in text
    assert "equals" in text
    assert "It holds" in text


def test_a_settled_mismatch_offers_nothing_to_press():
    mismatch = {
        "code_label": "Payment without an order", "on": date(2026, 12, 2), "amount_minor": 5800,
        "currency": "GBP", "theirs": "Charge", "ours": "Nothing", "state_label": "Settled",
        "resolved": True,
    }  # fmt: skip

    tree = _tree("mismatch_row", mismatch=mismatch, url="#", action="/accept/", csrf_token="t")

    assert not tree.select("button")


def test_the_same_seed_draws_the_same_bend():
    assert _render("lanes", seed="calves") == _render("lanes", seed="calves")
    assert _render("lanes", seed="calves") != _render("lanes", seed="taper")


def test_many_credits_become_a_bar():
    assert len(_tree("credit_dots", left=2, of=5).select("i")) == 5
    assert _all(_tree("credit_dots", left=61, of=100), "meter", "value") == ["61"]
