"""The questions before a session: versions, answers, consent, the call, and how it all goes."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict

from accounts import consenting, health_data
from accounts.answering import (
    FormReplaced,
    Intake,
    NothingAgreed,
    Seen,
    give_answers,
    intake_of,
    seen_by_practice,
    withdraw_answers,
)
from accounts.consents import Channel, Purpose
from accounts.default_questions import QUESTIONS
from accounts.erasing import GRACE, ask_for_erasure, erase_due
from accounts.exporting import export_of
from accounts.health_reading import open_file
from accounts.intake_checks import health_past_its_day, health_without_consent
from accounts.intake_forms import IntakeForm, IntakeQuestion, Kind
from accounts.intake_publishing import FormRefused, draft_from, publish
from accounts.intake_questions import AGREES, QuestionsForm, name_of
from accounts.merging import merge_people
from accounts.models import AuditEntry, IntakeAnswers, TalkFirst, TreatmentNote, User
from accounts.talking import is_asked_to_talk, let_book_again
from accounts.treatment_noting import NoConsent, write_note
from tests.accounts.intake import CLOT, MORE, NOW, answered, key_of, questions_in_force
from tests.builders import make_runner

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)
A_YEAR_ON = NOW + timedelta(days=365)


@pytest.fixture
def sana() -> User:
    return User.objects.create_user("sana@example.com", name="Sana Malik", is_staff=True)


@pytest.fixture
def form(sana) -> IntakeForm:
    return questions_in_force(sana)


def _refused(act, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_a_practice_starts_with_a_draft_that_asks_nobody(mara):
    draft = IntakeForm.objects.get(published_at=None)

    assert len(draft.all_questions) == len(QUESTIONS) == 10
    for question in draft.all_questions:
        question.full_clean()
    assert intake_of(mara, at=NOW) is Intake.NOT_ASKED
    assert seen_by_practice([mara], at=NOW) == {}


def test_what_is_in_force_never_changes(form, sana):
    question = form.all_questions[0]

    _refused(lambda: IntakeForm.objects.filter(pk=form.pk).update(title="x"), "intake_form_is_kept")
    _refused(lambda: IntakeForm.objects.filter(pk=form.pk).delete(), "is_kept")
    of_form = IntakeQuestion.objects.filter(form=form)
    _refused(lambda: of_form.update(words="Other"), "intake_question_is_kept")
    _refused(lambda: of_form._raw_delete("default"), "intake_question_is_kept")
    _refused(
        lambda: IntakeQuestion.objects.create(form=form, words="One more?"),
        "intake_question_is_kept",
    )
    draft = draft_from(form)
    _refused(
        lambda: IntakeQuestion.objects.filter(form=draft).update(form=form),
        "intake_question_is_kept",
    )
    assert IntakeQuestion.objects.get(pk=question.pk).words == CLOT
    with pytest.raises(FormRefused):
        publish(form=form, by=sana, at=NOW)
    empty = IntakeForm.objects.create(title="Nothing", consent_text="Yes.")
    with pytest.raises(FormRefused, match="at least one question"):
        publish(form=empty, by=sana, at=NOW)


def test_a_new_version_keeps_keys_and_old_answers_keep_their_version(form, sana, mara):
    given = answered(form, mara)
    draft = draft_from(form)
    IntakeQuestion.objects.filter(form=draft, words=MORE).update(words="Anything else?")
    second = publish(form=draft, by=sana, at=LATER)

    assert second.version == form.version + 1
    assert {one.key for one in second.all_questions} == {one.key for one in form.all_questions}
    assert intake_of(mara, at=LATER) is Intake.DONE, "asked again after her year, not before"
    [old] = open_file(person=mara, by=sana, at=LATER).answers
    assert (old.form, old.answers[2].question) == (str(form), MORE)
    again = QuestionsForm(questions=second, earlier=given.answers)
    assert again["q-" + key_of(form, MORE)].initial == "Sore calves."
    with pytest.raises(FormReplaced):
        answered(form, mara, at=LATER)
    drafts = IntakeForm.objects.drafts().filter(title=form.title)
    assert not drafts.exists()


@pytest.mark.parametrize(
    ("kind", "choices", "stops", "field"),
    [
        (Kind.CHOICE, "Only one", "", "choices"),
        (Kind.YES_NO, "", "Perhaps", "stops_booking"),
        (Kind.LONG, "", "Yes", "stops_booking"),
        (Kind.SEVERAL, "Asthma\nGout", "Cancer", "stops_booking"),
    ],
)
def test_a_question_that_cannot_work_is_refused(kind, choices, stops, field):
    question = IntakeQuestion(words="Why?", kind=kind, choices=choices, stops_booking=stops)

    with pytest.raises(ValidationError) as refusal:
        question.clean()
    assert list(refusal.value.message_dict) == [field]


def test_every_kind_of_question_is_asked_and_read(sana):
    form = IntakeForm.objects.create(title="All", consent_text="Yes.")
    sent, expected = {AGREES: "on"}, {}
    for kind, typed, read in (
        (Kind.YES_NO, "No", "No"),
        (Kind.SHORT, "Ibuprofen", "Ibuprofen"),
        (Kind.LONG, "It began in May.\r\nIt goes on.", "It began in May.\r\nIt goes on."),
        (Kind.CHOICE, "Firm", "Firm"),
        (Kind.SEVERAL, ["Firm", "Light"], ["Firm", "Light"]),
        (Kind.BODY, ["Calves"], ["Calves"]),
        (Kind.DATE, "2026-03-01", "2026-03-01"),
    ):
        question = IntakeQuestion.objects.create(
            form=form, kind=kind, words=f"{kind}?", choices="Firm\nLight"
        )
        sent[name_of(question)] = typed
        expected[str(question.key)] = read
    read = QuestionsForm(_posted(sent), questions=form)

    assert read.is_valid(), read.errors
    assert read.answers == expected
    nothing = QuestionsForm(_posted({}), questions=form)
    assert len(nothing.errors) == 8, "each required question and the consent say what is missing"


def _posted(values):
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def test_without_consent_nothing_is_stored(form, mara):
    with pytest.raises(NothingAgreed):
        give_answers(
            person=mara,
            form=form,
            answers={key_of(form, CLOT): "No"},
            agrees=False,
            channel=Channel.INTAKE,
            by=mara,
            at=NOW,
        )

    assert not IntakeAnswers.objects.exists()
    assert not consenting.has_given(mara, Purpose.HEALTH)


def test_answers_rest_on_words_and_a_correction_keeps_the_earlier(form, mara, sana):
    answered(form, mara)
    answered(form, mara, at=LATER, more="Only the left one.")

    [consent] = consenting.consents_of(mara)
    assert (consent.text, consent.text_version) == (form.consent_text, form.text_version)
    file = open_file(person=mara, by=sana, at=LATER)
    said = [one.answers[2].words for one in file.answers]
    assert said == ["Only the left one.", "Sore calves."]
    assert file.answers[0].delete_on == date(2028, 6, 3)
    _refused(lambda: IntakeAnswers.objects.update(given_at=LATER), "intake_answers_are_kept")


def test_they_are_asked_again_after_twelve_months(form, mara):
    assert intake_of(mara, at=NOW) is Intake.NOT_DONE
    answered(form, mara)

    assert intake_of(mara, at=A_YEAR_ON - timedelta(seconds=1)) is Intake.DONE
    assert intake_of(mara, at=A_YEAR_ON) is Intake.OUT_OF_DATE


def test_the_practice_sees_how_far_it_is_and_no_word(form, mara, sana, django_assert_num_queries):
    others = [User.objects.create_user(f"r{number}@example.com") for number in range(5)]
    assert seen_by_practice([mara], at=NOW)[mara.pk] is Seen.NOT_DONE
    answered(form, mara)
    assert seen_by_practice([mara], at=NOW)[mara.pk] is Seen.PLEASE_READ
    open_file(person=mara, by=sana, at=NOW)
    with django_assert_num_queries(3):
        seen = seen_by_practice([mara, *others], at=NOW)
    assert seen[mara.pk] is Seen.ANSWERED
    answered(form, mara, at=LATER)
    assert seen_by_practice([mara], at=LATER)[mara.pk] is Seen.PLEASE_READ
    assert seen_by_practice([mara], at=LATER + timedelta(days=365))[mara.pk] is Seen.NOT_DONE


def test_an_answer_that_asks_for_a_call_stands_until_somebody_talked(form, mara, sana):
    answered(form, mara, clot="Yes")
    assert is_asked_to_talk(mara)
    answered(form, mara, at=LATER, clot="No")
    assert is_asked_to_talk(mara), "an answer taken back is talked about too"

    assert let_book_again(person=mara, by=sana, at=LATER)
    assert not let_book_again(person=mara, by=sana, at=LATER)
    assert not is_asked_to_talk(mara)
    entry = AuditEntry.objects.get(action="health.talked")
    assert (entry.by, entry.runner) == (sana.public_id, mara.public_id)


def test_what_was_talked_about_is_not_asked_for_by_a_correction(form, mara, sana):
    answered(form, mara, clot="Yes")
    let_book_again(person=mara, by=sana, at=NOW)

    answered(form, mara, at=LATER, clot="Yes", more="A correction.")
    assert not is_asked_to_talk(mara)
    answered(form, mara, at=LATER + timedelta(days=365), clot="Yes")
    assert is_asked_to_talk(mara), "a year later it is talked about again"


def test_taking_consent_back_deletes_answers_and_notes_and_not_the_call(form, mara, sana):
    answered(form, mara, clot="Yes")
    write_note(person=mara, session=mara.public_id, words="Tender.", by=sana, at=NOW)

    withdraw_answers(person=mara, channel=Channel.ACCOUNT, by=mara, at=LATER)

    assert not IntakeAnswers.objects.exists()
    assert not TreatmentNote.objects.exists()
    assert is_asked_to_talk(mara)
    assert AuditEntry.objects.get(action="health.deleted").before == {"answers": 1, "notes": 1}
    with pytest.raises(NoConsent):
        write_note(person=mara, session=mara.public_id, words="Tender.", by=sana, at=LATER)
    assert intake_of(mara, at=LATER) is Intake.NOT_DONE


def test_every_look_is_in_the_trail_and_seen_by_the_runner(form, mara, sana, monkeypatch):
    answered(form, mara)
    open_file(person=mara, by=sana, at=LATER)

    [read] = health_data.reads_of(mara)
    assert (read.who, read.at) == ("Sana Malik", LATER)
    monkeypatch.setattr("accounts.auditing.record", _broken)
    with pytest.raises(RuntimeError):
        open_file(person=mara, by=sana, at=LATER)


def test_what_was_read_before_two_accounts_became_one_is_still_told(form, mara, sana):
    before = make_runner("mara.k@example.org", name="Mara K")
    answered(form, before)
    open_file(person=before, by=sana, at=LATER)
    merge_people(kept=mara, absorbed=before, why="Told us", by=sana, at=LATER)
    open_file(person=mara, by=sana, at=LATER + timedelta(hours=1))

    later, earlier = health_data.reads_of(mara)
    assert (later.at, earlier.at) == (LATER + timedelta(hours=1), LATER)
    assert health_data.reads_of(mara, most=1) == [later]


def _broken(*args, **kwargs):
    raise RuntimeError("The trail cannot be written.")


def test_export_has_every_word_and_erasure_leaves_none(form, mara, sana):
    answered(form, mara, clot="Yes")
    write_note(person=mara, session=mara.public_id, words="Tender.", by=sana, at=NOW)

    told = {rows.name: rows.as_dicts() for rows in export_of(mara, by=mara, at=LATER)}
    [answers] = told["accounts_intakeanswers"]
    assert answers["answers"][0] == {"question": CLOT, "answer": "Yes"}
    assert told["accounts_treatmentnote"][0]["words"] == "Tender."
    assert len(told["accounts_talkfirst"]) == 1

    ask_for_erasure(person=mara, by=mara, at=LATER, gives_up_credits=True)
    assert erase_due(at=LATER + GRACE) == 1
    for model in (IntakeAnswers, TreatmentNote, TalkFirst):
        assert not model.objects.exists()


def test_two_accounts_of_one_person_keep_words_and_the_call(form, mara, sana):
    other = User.objects.create_user("m.voss@example.com", name="Mara Voss")
    answered(form, other, clot="Yes")
    let_book_again(person=mara, by=sana, at=NOW)

    merge_people(kept=mara, absorbed=other, by=sana, at=LATER, why="One person, two addresses.")
    assert is_asked_to_talk(mara)
    assert [one.form for one in open_file(person=mara, by=sana, at=LATER).answers] == [str(form)]


def test_what_has_come_to_its_day_goes_and_what_is_needed_stays(form, mara, sana):
    answered(form, mara)
    answered(form, mara, at=LATER)
    write_note(person=mara, session=mara.public_id, words="Tender.", by=sana, at=NOW)
    health_data.keep_until(mara.pk, date(2030, 1, 1))
    kept = IntakeAnswers.objects.latest_first().values_list("delete_on", flat=True)
    assert list(kept) == [date(2030, 1, 1), date(2028, 5, 4)], "only the latest is needed longer"

    assert health_data.delete_due(at=NOW + timedelta(days=729)) == 0
    assert health_data.delete_due(at=NOW + timedelta(days=731)) == 1
    assert IntakeAnswers.objects.count() == TreatmentNote.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 1, 31), date(2028, 1, 31)),
        (date(2024, 2, 29), date(2026, 2, 28)),
        (date(2026, 12, 15), date(2028, 12, 15)),
    ],
)
def test_months_are_counted_by_the_calendar(day, until):
    assert health_data.kept_until(day) == until


def test_checks_find_words_without_consent_or_past_their_day(form, mara, sana):
    given = answered(form, mara)
    write_note(person=mara, session=mara.public_id, words="Tender.", by=sana, at=NOW)
    assert not [*health_without_consent(), *health_past_its_day(at=LATER)]

    passed = health_past_its_day(at=NOW + timedelta(days=800))
    assert [one["person__public_id"] for one in passed] == [mara.public_id] * 2
    other = User.objects.create_user("other@example.com")
    IntakeAnswers.objects.filter(pk=given.pk).update(person=other)
    [broken] = health_without_consent()
    assert broken["person__public_id"] == other.public_id
