"""`check --deploy` complains of what crosses a network in the clear, and of nothing else."""

import pytest

from portal.line_checks import lines_are_encrypted

SMTP = "django.core.mail.backends.smtp.EmailBackend"
POSTGRES = "django.db.backends.postgresql"


def _found(settings, *, mail="localhost", tls=False, base="", mode=None, redis=""):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, mail
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = tls, False
    options = {"sslmode": mode} if mode else {}
    settings.DATABASES = {"default": {"ENGINE": POSTGRES, "HOST": base, "OPTIONS": options}}
    settings.REDIS_URL = redis
    return [warning.id for warning in lines_are_encrypted()]


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_lines_that_leave_the_machine_are_encrypted(settings):
    assert _found(settings) == []
    assert _found(settings, base="/run/postgresql", redis="redis://127.0.0.1:6379") == []
    assert _found(settings, mail="mail.example") == ["portal.W001"]
    assert _found(settings, mail="mail.example", tls=True) == []
    for mode in (None, "require"):
        assert _found(settings, base="db.example", mode=mode) == ["portal.W002"]
    assert _found(settings, base="db.example", mode="verify-full") == []
    assert _found(settings, redis="redis://10.0.0.7:6379/0") == ["portal.W003"]
    assert _found(settings, redis="rediss://10.0.0.7:6379/0") == []
