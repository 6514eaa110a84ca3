"""The API's description: valid, complete, and changed only on purpose."""

import json
from collections import Counter
from pathlib import Path

import pytest
from ninja import Schema
from ninja.responses import NinjaJSONEncoder
from openapi_spec_validator import validate
from wagtail.api.v3.api import api

SNAPSHOT = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document():
    return json.loads(json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder))


def test_the_document_is_valid_openapi(document):
    validate(document)


def test_the_document_changes_only_on_purpose(document):
    """After a change on purpose: ``make openapi`` writes the file anew; read the difference."""
    assert document == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_schema_has_a_name_of_its_own(document):
    """Of two of one name the document shows one only, and asks for the wrong thing at the other."""
    names = Counter(one.__name__ for one in _all_below(Schema) if ".api" in one.__module__)

    assert [name for name, times in names.items() if times > 1] == []


def _all_below(schema):
    for one in schema.__subclasses__():
        yield one
        yield from _all_below(one)


def test_every_operation_has_a_name_of_its_own(document):
    names = [
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    ]

    assert len(names) == len(set(names))


def test_what_a_runner_does_on_pages_she_can_do_by_api(document):
    """U15: each act behind a page's form has its operation."""
    acts = {
        ("post", "/api/v1/holds/"),
        ("post", "/api/v1/orders/"),
        ("post", "/api/v1/bookings/"),
        ("post", "/api/v1/bookings/{booking_id}/quote/"),
        ("post", "/api/v1/bookings/{booking_id}/move/"),
        ("post", "/api/v1/bookings/{booking_id}/cancellation/"),
        ("post", "/api/v1/staff/bookings/{booking_id}/arrival/"),
        ("post", "/api/v1/staff/bookings/{booking_id}/completion/"),
    }

    assert acts <= {
        (method, path) for path, operations in document["paths"].items() for method in operations
    }
