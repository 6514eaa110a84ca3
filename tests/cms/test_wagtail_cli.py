"""Wagtail's own command-line client against our API, as somebody would run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.models import User
from cms.api_scopes import Scope
from tests.cms.serving import served
from tests.cms.token_holders import Program

WT = Path(sys.executable).with_name("wt")


@pytest.fixture
def address(tree):
    with served() as address:
        yield address


@pytest.fixture
def wt(address, client, tmp_path):
    owner = User.objects.create_superuser(email="owner@example.com", password="long enough 2026")
    program = Program(client, owner, *Scope)
    environment = {
        "WAGTAIL_CLI_BASE_URL": f"{address}/api/v1/",
        "WAGTAIL_CLI_TOKEN": program.secret,
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }

    def run(*words):
        done = subprocess.run(
            [str(WT), "api", *map(str, words)],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else {}

    return run


@pytest.fixture
def wrong(wt):
    def run(*words):
        with pytest.raises(AssertionError) as failure:
            wt(*words)
        return str(failure.value)

    return run


def test_the_public_client_reads_writes_and_publishes(wt, wrong, picture, tmp_path):
    assert wt("whoami")["user"]["email"] == "owner@example.com"
    assert "cms.ArticlePage" in [each["name"] for each in wt("schema", "list")["types"]]
    listed = wt("pages", "list", "--type", "cms.ArticleIndexPage")
    journal = listed["items"][0]["id"]

    words = tmp_path / "body.json"
    words.write_text(json.dumps([{"type": "prose", "value": "<p>From a terminal.</p>"}]))
    made = wt(
        "pages", "create", "cms.ArticlePage", "--parent", "/journal/", "--title", "By hand",
        "--field", f"body:@{words}", "--field", "intro:Short.",
    )  # fmt: skip
    number = made["id"]
    assert made["meta"]["parent"]["id"] == journal

    assert wt("pages", "update", number, "--title", "By hand, again", "--yes")["title"]
    assert wt("pages", "publish", number)["meta"]["first_published_at"]
    assert f"/pages/{number}/" in wt("pages", "find", "--path", "/journal/by-hand/")["location"]
    assert wt("pages", "get", number, "--html")["body"][0]["value"].startswith("<p")
    assert len(wt("pages", "revisions", "list", number)["items"]) == 2
    copied = wt("pages", "copy", number, "--destination", "/journal/", "--slug", "a-copy")
    assert wt("pages", "unpublish", copied["id"])["id"] == copied["id"]
    wt("pages", "delete", copied["id"], "--yes")
    assert "unknown_field" in wrong("pages", "update", number, "--field", "titel:x", "--yes")

    image = tmp_path / "lanes.png"
    with picture.file.open() as file:
        image.write_bytes(file.read())
    uploaded = wt("images", "create", image, "--title", "Lanes")
    assert wt("images", "get", uploaded["id"])["title"] == "Lanes"
    assert wt("redirects", "list")["count"] == 0
    assert wt("sites", "list")["count"] == 1
