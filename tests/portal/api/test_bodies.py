"""What is too deep is refused before a parser meets it, and nothing else is."""

import pytest
from django.http import HttpResponse

from portal.api.bodies import ReadableBodies


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        (b"[" * 101, True),
        (b"[" * 100 + b"]" * 100, False),
        (b'{"a": [' * 51, True),
        (b"[]" * 200, False),
        (b'["' + b"[" * 200 + b'"]', False),
        (rb'["\"' + b"[" * 200 + b'"]', False),
        (rb'["\\"' + b"[" * 200, True),
        (b'"' + b"[" * 200, False),
    ],
)
def test_brackets_lie_too_deep_outside_of_texts_only(rf, body, deep):
    heard = ReadableBodies(lambda request: HttpResponse())
    asked = {"data": body, "content_type": "application/json"}

    answer = heard(rf.post("/api/v1/pages/", **asked))

    assert answer.status_code == (422 if deep else 200)


def test_nobody_counts_the_brackets_of_what_is_not_read(rf):
    heard = ReadableBodies(lambda request: HttpResponse())

    asked = rf.generic("GET", "/api/v1/pages/", b"[" * 200, content_type="application/json")

    assert heard(asked).status_code == 200
