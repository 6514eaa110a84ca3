"""What is written about the portal is about this portal."""

import re
from pathlib import Path

from portal.periodic import JOBS
from portal.privacy_tables import with_tables

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"")


def _read_by_settings():
    return set(NAME.findall((ROOT / "portal/settings.py").read_text()))


def test_each_variable_is_explained_and_no_other():
    table = (ROOT / "docs/settings.md").read_text().split("## For the tests")[0]
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", table, flags=re.MULTILINE))
    assert explained == _read_by_settings()


def test_the_operations_page_names_each_periodic_job():
    page = (ROOT / "docs/operations.md").read_text()
    assert [job.name for job in JOBS if f"`{job.name}`" not in page] == []


def test_links_between_the_pages_lead_somewhere():
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_the_page_about_privacy_is_what_the_program_does():
    page = (ROOT / "docs/privacy.md").read_text()

    assert with_tables(page) == page, "run manage.py privacy_tables"
