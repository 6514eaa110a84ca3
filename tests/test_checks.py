"""The continuous checks: style, types, layers, migrations, settings, lock files."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
APPS = ("accounts", "payments", "scheduling", "cms", "portal")
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "for-this-check-only-" + "k3V9xQ7pL2mZ8rT5wY1cB6nH4jF0sD" * 2,
    "ALLOWED_HOSTS": "massageforrunners.example",
    "SITE_URL": "https://massageforrunners.example",
    "EMAIL_URL": "smtp+tls://mail.example:587",
    "DATABASE_URL": "sqlite://:memory:",
    "STRIPE_SECRET_KEY": "sk_live_for_this_check_only",
    "STRIPE_API_BASE": "",
    "STRIPE_WEBHOOK_SECRETS": "whsec_for_this_check_only",
    "HEALTH_KEYS": "2026-11:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt")


def _clean():
    """The environment without what only the tests may set."""
    return {name: one for name, one in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}


def _run(*command, **environment):
    result = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**_clean(), "DJANGO_SETTINGS_MODULE": "portal.settings", **environment},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, f"\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["lint-imports", "--no-cache"],
        ["djlint", "templates", "--lint", "--quiet"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_style_and_layers(command):
    _run(BIN / command[0], *command[1:])


def test_types():
    _run(BIN / "mypy", DEBUG="1", DATABASE_URL="sqlite://:memory:")


def test_no_migration_is_missing():
    _run(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run", DEBUG="1")


def test_production_settings_pass_djangos_checks():
    _run(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL"])
def test_production_does_not_start_on_a_development_default(name):
    environment = {**_clean(), **PRODUCTION, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    del environment[name]
    result = subprocess.run(
        [sys.executable, "-c", "import portal.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode != 0
    assert name in result.stderr


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_name_no_host_and_hash_everything(lock):
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
    packages = re.findall(r"^[A-Za-z0-9_.\-\[\]]+==.*$", text, flags=re.MULTILINE)
    assert packages
    assert [line for line in packages if not line.endswith("\\")] == []


def _templates():
    """Of pages; mails follow no policy and carry their styles inline."""
    every = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
    return [path for path in every if "emails" not in path.parts]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("style attribute", r"<[a-zA-Z][^>]*\sstyle\s*="),
        ("handler attribute", r"<[a-zA-Z][^>]*\son[a-z]+\s*="),
        ("style element", r"<style[\s>]"),
        ("javascript address", r"javascript:"),
        ("inline script", r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/(ld\+)?json\")[^>]*>"),
    ],
)
def test_templates_hold_nothing_that_the_content_security_policy_refuses(what, pattern):
    found = [
        str(path.relative_to(ROOT))
        for path in _templates()
        if re.search(pattern, re.sub(r"{#.*?#}", "", path.read_text()))
    ]
    assert found == [], f"{what} in {found}"


def test_every_page_template_of_ours_says_its_language_and_title():
    pages = [path for path in _templates() if "<html" in path.read_text()]
    assert pages
    for page in pages:
        text = page.read_text()
        assert re.search(r"<html[^>]*\slang=", text), page
        assert "<title>" in text, page
