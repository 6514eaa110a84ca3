"""No field about a person without a class: what an export shows and an erasure does follows it."""

import pytest
from django.apps import apps
from django.db import models

from accounts.classifying import (
    EXPORTED,
    Fate,
    naming,
    of_people,
    tables,
    unclassified,
    unprotected,
)
from accounts.retention import schedule


def _all_models() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if not model._meta.proxy]


def test_every_field_of_every_table_is_classified():
    assert unclassified(_all_models()) == []


def test_a_new_field_stops_the_build(monkeypatch):
    """The test above has teeth: a field nobody thought of is named."""
    profile = apps.get_model("accounts.RunnerProfile")
    new = models.CharField(max_length=20)
    new.set_attributes_from_name("nickname")
    monkeypatch.setattr(profile._meta, "local_fields", [*profile._meta.local_fields, new])

    assert unclassified([profile]) == ["accounts.RunnerProfile.nickname: not classified"]


def test_nothing_personal_outlives_an_erasure_without_a_reason():
    assert unprotected() == []


def test_every_table_has_its_place_in_the_schedule():
    assert {table.rule for table in tables()} <= {rule.code for rule in schedule()}


def test_what_is_about_nobody_has_no_way_to_a_person():
    for table in tables():
        assert bool(table.of) == (table.fate is not Fate.NOBODYS), table.label
    assert all(set(table.exported) <= set(table.kinds) for table in of_people())
    assert len(EXPORTED) == 6


@pytest.mark.parametrize("wrong", [{"contact": "to_email", "words": "to_email"}])
def test_a_field_has_one_class(wrong):
    from accounts.classifying import holds

    with pytest.raises(ValueError, match="declared twice"):
        holds("accounts.Message", **wrong)


@pytest.mark.parametrize(
    "said",
    [
        "ana@example.org",
        "Mine is ANA@Example.org.",
        "Ana <ana@example.org>, (ana@example.org)",
        "My mail:\nana@example.org",
        r"a body as code: \nana@example.org\n",
        "b'ana@example.org' refused",
        "...ana@example.org",
        {"deep": [1, None, {"in": "it: ana@example.org"}]},
        {"ana@example.org": 550},
    ],
)
def test_an_address_is_found_wherever_it_stands(said):
    assert naming(["ana@example.org"])(said)


@pytest.mark.parametrize(
    "said",
    [
        "joana@example.org",
        "jo-ana@example.org",
        "jo.ana@example.org",
        "jo+ana@example.org",
        "o'ana@example.org",
        "ana@example.org.uk",
        "ana@example.organic",
        "ana@example.org-shop.com",
        "ana@exampleXorg",
        {"ana": "example.org"},
        7,
    ],
)
def test_another_address_that_holds_it_is_not_it(said):
    assert not naming(["ana@example.org"])(said)
    assert not naming([])(said)
