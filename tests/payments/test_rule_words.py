"""Words about the rules: they say what the rule says, and cannot say anything else (U8)."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from payments.agreeing import plain_terms
from payments.rule_words import PLACEHOLDERS, Rules, filled, refund_words, span_words, summary_of
from payments.typed_values import NotTrue, require_true
from tests.builders import make_order, make_package, make_policy

RULES = Rules("standard", 1, 1440, 720, 3, 5, "pro_rata", "start_by")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (60, "1 hour"),
        (90, "90 minutes"),
        (720, "12 hours"),
        (1440, "24 hours"),
        (2880, "48 hours"),
        (4320, "72 hours"),
        (5760, "4 days"),
        (10080, "7 days"),
        (4380, "73 hours"),
    ],
)
def test_a_time_is_said_as_people_say_it(minutes, words):
    assert span_words(minutes) == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Free until {{ cancel_window }} before.", "Free until 24 hours before."),
        ("Free until {{cancel_window}} before.", "Free until 24 hours before."),
        ("Move it until {{ move_window }} before.", "Move it until 12 hours before."),
        ("You can move it {{ max_moves }}.", "You can move it 3 times."),
        ("Undo it within {{ grace }}.", "Undo it within 5 minutes."),
        ("{{ refund_rule }}.", "Unused sessions are refunded at the price paid for each."),
    ],
)
def test_a_placeholder_says_the_value_of_the_rule(text, said):
    require_true(text)
    assert filled(text, RULES) == said


@pytest.mark.parametrize(
    "text",
    [
        "You can cancel until 24 hours before.",
        "You can cancel until 24&nbsp;hours before.",
        "<p>Cancel <b>24</b> hours before it starts.</p>",
        "Cancellations within twenty-four hours use the credit.",
        "Moving is free up to a day before.",
        "Sessions cancelled the day before use the credit.",
        "A no-show, or less than 2h notice, uses the credit.",
        "You can move a booking three times.",
        "You may reschedule twice.",
        "Anything can be undone within 5 minutes.",
        "Sie können bis 24 Stunden vorher stornieren.",
        "Packages are non-refundable.",
        "We give a full refund.",
        "Later than 48 hrs before, the credit is used.",
        "Until 24 hours before it starts it costs nothing.",
    ],
)
def test_typing_what_a_placeholder_says_is_refused(text):
    with pytest.raises(NotTrue):
        require_true(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A bank takes five to ten working days to show it.",
        "The law asks us to keep the books for six years.",
        "By law you can withdraw from the purchase within 14 days.",
        "A session of 60 minutes is an hour on the table.",
        "We hold your choice while you pay.",
        "If we cancel, your credit comes back, whatever the hour.",
    ],
)
def test_what_is_no_rule_of_ours_may_be_typed(text):
    require_true(text)


def test_an_unknown_placeholder_is_refused_with_those_there_are():
    with pytest.raises(NotTrue) as refused:
        require_true("Free until {{ cancel_windw }} before.")
    [message] = refused.value.messages
    assert "cancel_windw" in message
    assert all(f"{{{{ {name} }}}}" in message for name in PLACEHOLDERS)


def test_a_placeholder_broken_by_formatting_is_refused():
    with pytest.raises(NotTrue):
        require_true("Free until {{ <b>cancel</b>_window before.")


RULE_VALUES = st.builds(
    Rules,
    code=st.just("standard"),
    version=st.integers(1, 99),
    cancel_window_minutes=st.integers(0, 20_000),
    move_window_minutes=st.integers(0, 20_000),
    max_moves=st.integers(0, 50),
    grace_minutes=st.integers(0, 600),
    refund_rule=st.sampled_from(["pro_rata", "single_price", "none"]),
    expiry_rule=st.sampled_from(["start_by", "book_by"]),
)
SENTENCES = {
    "cancel_window": "Cancel free of charge until {{ cancel_window }} before.",
    "move_window": "Move it until {{ move_window }} before.",
    "max_moves": "You can move a booking {{ max_moves }}.",
    "grace": "Anything can be undone for {{ grace }} after booking.",
    "refund_rule": "{{ refund_rule }}.",
    "expiry_rule": "{{ expiry_rule }}.",
}


@given(RULE_VALUES, st.permutations(sorted(SENTENCES)))
def test_whatever_the_rules_say_the_words_say_it_and_nothing_else(rules, order):
    text = " ".join(SENTENCES[name] for name in order)
    require_true(text)

    said = filled(text, rules)

    assert "{{" not in said
    allowed = {span_words(rules.cancel_window_minutes), span_words(rules.move_window_minutes)}
    allowed |= {span_words(rules.grace_minutes)}
    assert set(re.findall(r"\d+ (?:minutes?|hours?|days?)", said)) == allowed
    assert re.findall(r"\d+ times?", said) == [PLACEHOLDERS["max_moves"].words(rules)]
    said_of_refunds = {
        rule for rule in ("pro_rata", "single_price", "none") if refund_words(rule) in said
    }
    assert said_of_refunds == {rules.refund_rule}


@given(RULE_VALUES)
def test_the_summary_nobody_wrote_says_the_rule(rules):
    said = summary_of(rules)
    assert span_words(rules.cancel_window_minutes) in said
    assert span_words(rules.move_window_minutes) in said
    assert refund_words(rules.refund_rule) in said


@given(st.integers(1, 400), st.sampled_from(["minutes", "hours", "days", "hour", "weeks"]))
def test_no_length_of_time_can_be_typed_beside_cancelling(number, unit):
    with pytest.raises(NotTrue):
        require_true(f"You can cancel until {number} {unit} before the session.")


def test_terms_that_type_a_value_are_not_saved(db):
    policy = make_policy("standard", summary="{{ refund_rule }}.")
    policy.full_clean()

    policy.summary = "Free to cancel until 24 hours before."
    with pytest.raises(ValidationError) as refused:
        policy.full_clean()
    assert "{{ cancel_window }}" in refused.value.message_dict["summary"][0]


def test_the_summary_of_a_version_says_its_own_values(db):
    words = "Free to cancel until {{ cancel_window }} before."
    old = make_policy("standard", summary=words)
    new = make_policy("standard", 2, summary=words, cancel_window_minutes=720)

    assert plain_terms(old) == "Free to cancel until 24 hours before."
    assert plain_terms(new) == "Free to cancel until 12 hours before."


def test_a_package_is_sold_under_the_version_in_effect(db):
    package = make_package(policy=make_policy("standard"))
    newer = make_policy("standard", 2, cancel_window_minutes=720, effective_from=date(2026, 3, 1))
    make_policy("standard", 3, cancel_window_minutes=60, effective_from=date(2030, 1, 1))

    assert make_order(package=package).policy == newer
