"""The catalogues hold every sentence of the public pages, and are compiled as they are."""

import pytest
from django.conf import settings

from portal import catalogue

LANGUAGES = settings.LANGUAGE_CODES[1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_public_pages_is_translated(language):
    assert catalogue.untranslated(catalogue.updated(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    compiled = catalogue.po_file(language).with_suffix(".mo").read_bytes()

    assert compiled == catalogue.compiled(catalogue.read(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_outlives_its_sentence(language):
    wanted = {each.id for each in catalogue.collect()}

    assert {each.id for each in catalogue.read(language)} <= wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_places_of_names_and_figures(language):
    for message in catalogue.read(language):
        if message.id and message.python_format:
            assert message.check() is None or not list(message.check())


def test_sentences_are_found_in_templates_and_in_code():
    found = {each.id for each in catalogue.collect()}

    assert "This page is not on the route." in found
    assert "Treatments" in found
    assert ("%(number)s month", "%(number)s months") in found
