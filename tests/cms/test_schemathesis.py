"""Requests drawn from our own description: no failure of ours, and nothing it does not describe."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from accounts.models import User
from cms.api_scopes import Scope
from tests.cms.token_holders import Program

CONTENT = "^/api/v1/(content|pages|images|documents|redirects|schema|sites|locales|whoami)/"
PLAIN = {"Accept-Encoding": "identity"}
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
# Our ids, types and codes are what a description cannot know: a request that is right by it may
# ask for what is not there, or be refused by a rule that words alone describe.
BEYOND_A_DESCRIPTION = ("positive_data_acceptance", "negative_data_rejection")


@pytest.fixture
def portal(tree, write, picture, sports_page):
    write("Calves", tags=["legs"], hero_image=picture)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask(portal, method, headers, examples):
    """Try every operation of the content part; returns what went wrong, by operation."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", portal)
    chosen = schema.include(path_regex=CONTENT, method_regex=method)
    wrong = {}
    for found in chosen.get_all_operations():
        operation = found.ok()
        for mode in MODES:
            try:
                _try_out(operation, mode, headers, examples)
            except BaseExceptionGroup as failures:
                told = "\n".join(str(each) for each in failures.exceptions)
                wrong[f"{operation.label} {mode.name}"] = f"{failures}\n{told}"
    return wrong


def _try_out(operation, mode, headers, examples):
    checks = schemathesis.checks.CHECKS.get_all()
    left_out = [each for each in checks if each.__name__ in BEYOND_A_DESCRIPTION]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def trial(case):
        with transaction.atomic():
            case.call_and_validate(headers=headers, excluded_checks=left_out)
            transaction.set_rollback(True)

    trial()


def test_whoever_reads_gets_what_is_described(portal):
    assert ask(portal, "^GET$", PLAIN, examples=6) == {}


def test_whoever_writes_gets_what_is_described(portal, client):
    owner = User.objects.create_superuser(email="owner@example.com", password="long enough 2026")
    program = Program(client, owner, *Scope)
    headers = PLAIN | {"Authorization": f"Bearer {program.secret}"}

    assert ask(portal, "^(POST|PUT|PATCH|DELETE)$", headers, examples=4) == {}
