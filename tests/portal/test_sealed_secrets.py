"""Secrets of second factors and webhooks: sealed, with keys that are changed, and back again."""

import io
from importlib import import_module
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.encrypting import Sealed, new_key
from accounts.rotating import keys_in_use
from cms.webhooks.managing import renew_secret
from cms.webhooks.models import WebhookEndpoint
from tests.builders import make_staff
from tests.second_factor import SECRET, digits

pytestmark = pytest.mark.django_db
OLD, NEW = (f"{name}:{new_key()}" for name in ("2026-05", "2026-11"))
FACTORS = import_module("accounts.migrations.0010_sealed_factors")
WEBHOOKS = import_module("cms.migrations.0015_sealed_webhook_secrets")
HERE = SimpleNamespace(connection=connection)


@pytest.fixture
def sam():
    return make_staff()


@pytest.fixture
def codes(sam):
    """His recovery codes, beside an app with a known secret; one of them is used."""
    TOTP.activate(sam, SECRET)
    recovery = RecoveryCodes.activate(sam)
    codes = recovery.generate_codes()
    assert recovery.validate_code(codes[0])
    return codes[1:]


@pytest.fixture
def hooks(sam):
    """One whose secret was renewed, and one that has its first."""
    made = [WebhookEndpoint.objects.create(label=one, url="https://a.example") for one in "ab"]
    renew_secret(endpoint=made[0], by=sam, at=timezone.now())
    return WebhookEndpoint.objects.order_by("pk")


def _kept():
    """Every secret as the database holds it."""
    found = [one.data.get("secret") or one.data["seed"] for one in Authenticator.objects.all()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, previous_secret FROM cms_webhookendpoint ORDER BY id")
        return [*found, *(cell for row in cursor.fetchall() for cell in row if cell)]


def _signs_in(sam, codes):
    app, recovery = (
        Authenticator.objects.get(user=sam, type=kind)
        for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    )
    cache.clear()  # the same digits count once
    return TOTP(app).validate_code(digits()) and RecoveryCodes(recovery).get_unused_codes() == codes


def _signing(hooks):
    return [one.secrets(timezone.now()) for one in hooks.all()]


def _key_ids():
    return {Sealed(kept).key_id for kept in _kept()}


def test_a_key_is_changed_for_secrets_too(settings, sam, codes, hooks):
    before = _signing(hooks)
    assert [len(secrets) for secrets in before] == [2, 1]
    settings.HEALTH_KEYS = [NEW, settings.HEALTH_KEYS[0]]
    said = io.StringIO()

    call_command("rotate_keys", stdout=said)

    assert "Sealed again: 5." in said.getvalue()
    assert _key_ids() == {"2026-11"}
    settings.HEALTH_KEYS = [NEW]
    assert _signs_in(sam, codes)
    assert _signing(hooks) == before
    again = io.StringIO()
    call_command("rotate_keys", stdout=again)
    assert "Sealed again: 0." in again.getvalue()

    settings.HEALTH_KEYS = [OLD]
    assert keys_in_use() == {"2026-11": 5}
    with pytest.raises(CommandError, match="left as they are: 5"):
        call_command("rotate_keys", stdout=io.StringIO())


def test_what_an_older_release_left_in_the_clear_is_sealed_and_can_be_opened(sam, codes, hooks):
    before, sealed = _signing(hooks), _kept()
    FACTORS.open_factors(apps, HERE)
    WEBHOOKS.open_secrets(apps, HERE)
    in_the_clear = _kept()
    assert SECRET in in_the_clear
    assert not [kept for kept in in_the_clear if "$" in kept]
    assert _signs_in(sam, codes), "while both releases run"
    assert keys_in_use()[""] == 2

    for _ in range(2):
        FACTORS.seal_factors(apps, HERE)
        WEBHOOKS.seal_secrets(apps, HERE)
        assert _key_ids() == {Sealed(kept).key_id for kept in sealed}
    assert not set(in_the_clear) & set(_kept())
    assert _signs_in(sam, codes)
    assert _signing(hooks) == before
