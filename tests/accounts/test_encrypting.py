"""Words about health are sealed for their row, and keys are changed while people work."""

import io
from datetime import UTC, date, datetime

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.db import connection
from django.forms import model_to_dict

from accounts.encrypting import (
    KeyMissing,
    NotAuthentic,
    Sealed,
    current_key_id,
    keys,
    new_key,
    seal,
    unseal,
)
from accounts.models import TreatmentNote, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
OLD, NEW = (f"{name}:{new_key()}" for name in ("2026-05", "2026-11"))


@pytest.fixture
def mara() -> User:
    return User.objects.create_user("mara@example.com", name="Mara")


def _note(person, words="Left calf, tender."):
    return TreatmentNote.objects.create(
        person=person,
        session=person.public_id,
        words=words,
        written_by=person.public_id,
        written_at=NOW,
        delete_on=date(2028, 5, 4),
    )


def _kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM accounts_treatmentnote ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _rotate(*options):
    said = io.StringIO()
    call_command("rotate_keys", *options, stdout=said)
    return said.getvalue()


def test_the_database_holds_no_word_and_the_row_reads_as_written(mara):
    note = _note(mara)

    [kept] = _kept()
    assert kept.startswith(f"{current_key_id()}$")
    assert "calf" not in kept
    assert TreatmentNote.objects.get().words == "Left calf, tender."
    assert "calf" not in repr(TreatmentNote.objects.values().get())
    note.refresh_from_db()
    note.save(update_fields=["words"])
    assert TreatmentNote.objects.defer("words").get().words == "Left calf, tender."
    _note(mara)
    assert len(set(_kept())) == 2, "the same words twice are not seen to be the same"


def test_words_open_in_their_own_row_and_field_only(mara):
    first, second = _note(mara), _note(mara, "Nothing.")
    TreatmentNote.objects.filter(pk=second.pk).update(words=Sealed(_kept()[0]))

    with pytest.raises(NotAuthentic):
        _ = TreatmentNote.objects.get(pk=second.pk).words
    assert TreatmentNote.objects.get(pk=first.pk).words == "Left calf, tender."
    for damaged in ("x", "development$", _kept()[0][:-3] + "AAA", "development$é"):
        with pytest.raises((NotAuthentic, KeyMissing)):
            unseal(Sealed(damaged), bound_to="anything")


def test_nobody_can_look_for_words_or_write_them_past_the_row(mara):
    _note(mara)

    with pytest.raises(TypeError):
        TreatmentNote.objects.filter(words="Left calf, tender.").exists()
    with pytest.raises(TypeError):
        TreatmentNote.objects.update(words="In the clear")


def test_a_dump_holds_what_the_database_holds(mara):
    note = _note(mara)
    dump = serialize("json", TreatmentNote.objects.all())
    assert "calf" not in dump
    assert "development$" in dump
    assert "calf" not in str(model_to_dict(note))


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["nokey"],
        ["2026:short"],
        [OLD, OLD],
        [f"a b:{new_key()}"],
        [f":{new_key()}"],
        ["2026:" + "é" * 44],
    ],
)
def test_a_setting_that_is_no_key_is_said_at_the_start(settings, wrong):
    settings.HEALTH_KEYS = wrong

    with pytest.raises(ImproperlyConfigured):
        keys()
    assert "accounts.E001" in [one.id for one in run_checks(tags=["security"])]


def test_a_key_taken_out_too_early_is_named(settings, mara):
    settings.HEALTH_KEYS = [OLD]
    _note(mara)
    settings.HEALTH_KEYS = [NEW]

    with pytest.raises(KeyMissing, match="2026-05"):
        _ = TreatmentNote.objects.get().words
    [error] = [
        one
        for one in run_checks(tags=["database"], databases=["default"])
        if one.id == "accounts.E002"
    ]
    assert "2026-05" in error.msg
    assert "2026-05: 1 sealed by it, AND IT IS MISSING" in _rotate("--dry-run")
    with pytest.raises(CommandError, match="left as they are: 1"):
        _rotate()


def test_rotation_seals_everything_with_the_first_key_and_can_be_repeated(settings, mara):
    settings.HEALTH_KEYS = [OLD]
    for number in range(5):
        _note(mara, f"Note {number}")
    settings.HEALTH_KEYS = [NEW, OLD]
    _note(mara, "Note 5")

    assert "2026-05: 5 sealed by it" in _rotate("--dry-run")
    assert "Sealed again: 5." in _rotate()
    assert {one.partition("$")[0] for one in _kept()} == {"2026-11"}
    said = _rotate()
    assert "Sealed again: 0." in said
    assert "May be taken out of HEALTH_KEYS: 2026-05" in said
    settings.HEALTH_KEYS = [NEW]
    read = TreatmentNote.objects.order_by("pk")
    assert [one.words for one in read] == [f"Note {number}" for number in range(6)]


def test_a_row_written_while_keys_change_keeps_what_was_written(settings, mara, monkeypatch):
    from accounts import rotating
    from accounts.encrypting import EncryptedTextField

    settings.HEALTH_KEYS = [OLD]
    note = _note(mara, "Before")
    settings.HEALTH_KEYS = [NEW, OLD]
    really = EncryptedTextField.resealed

    def written_meanwhile(field, row):
        TreatmentNote.objects.filter(pk=note.pk).update(
            words=seal("Meanwhile", bound_to=field.bound_to(row))
        )
        return really(field, row)

    monkeypatch.setattr(EncryptedTextField, "resealed", written_meanwhile)
    rotating.rotate(progress=lambda *_: None, batch=1)

    assert TreatmentNote.objects.get().words == "Meanwhile"


def test_a_new_key_can_be_used_as_printed(settings):
    said = io.StringIO()
    call_command("new_health_key", stdout=said)

    settings.HEALTH_KEYS = [said.getvalue().strip()]
    assert unseal(seal("words", bound_to="x"), bound_to="x") == "words"
