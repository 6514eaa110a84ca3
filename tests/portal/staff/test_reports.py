"""Reports: the same rows on the screen and in the file, for some days at a place."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.urls import reverse

from portal.staff.reports import REPORTS
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    make_location,
    make_runner_with_credits,
)

DAYS = {"first": "2026-12-01", "last": "2026-12-01"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TUESDAY_10 + timedelta(minutes=20), tick=False) as traveller:
        yield traveller


@pytest.fixture
def a_day(desk, practice):
    """Ana was there at nine, nobody came at ten, one is to come at eleven."""
    for starts_at, act in ((TUESDAY_9, "completion"), (TUESDAY_10, "no_show"), (TUESDAY_11, "")):
        runner = make_runner_with_credits(practice=practice)
        lena = practice.lena if act == "no_show" else practice.imre
        booking = book(practice, runner, starts_at + timedelta(minutes=0), therapist=lena)
        if act:
            desk.post(reverse(f"staff:{act}", args=[booking.public_id]))


def tables(client, **query):
    shown = client.get("/staff/reports/", DAYS | query).context["shown"]
    return {one["report"].code: one["table"] for one in shown}


def rows(table) -> list[list[str]]:
    return [[cell.text.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in table.rows]


def test_utilisation_is_minutes_of_hours(desk, practice, a_day):
    assert rows(tables(desk)["utilisation"]) == [
        ["Imre Kovacs", "120", "480", "25.0 %"],
        ["Lena Schmidt", "0", "480", "0.0 %"],
        ["All", "120", "960", "12.5 %"],
    ]


def test_no_shows_are_of_those_expected(desk, practice, a_day):
    found = rows(tables(desk)["attendance"])

    assert [row[:5] for row in found] == [
        ["Imre Kovacs", "1", "0", "0", "0.0 %"],
        ["Lena Schmidt", "0", "1", "0", "100.0 %"],
        ["All", "1", "1", "0", "50.0 %"],
    ]


def test_lead_times_are_days_on_the_screen_and_minutes_in_the_file(desk, practice, a_day):
    table = tables(desk)["lead-time"]

    assert rows(table)[0][:3] == ["Sports massage, 60 minutes", "3", "7 d 0 h"]
    assert table.rows[0][2].in_file == str(7 * 24 * 60)


def test_sessions_by_therapist_and_by_service_have_the_same_sum(desk, practice, a_day):
    found = tables(desk)

    assert rows(found["sessions"])[0] == [
        "Imre Kovacs",
        "Sports massage, 60 minutes",
        "1",
        "1",
        "0",
        "0",
        "0",
        "120",
    ]
    assert rows(found["services"])[-1][1:] == rows(found["sessions"])[-1][2:]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.code)
def test_the_file_has_the_rows_of_the_page(desk, practice, a_day, report):
    table = tables(desk)[report.code]
    response = desk.get(reverse("staff:report_file", args=[report.code]), DAYS)

    lines = list(csv.reader(StringIO(response.content.decode())))
    assert lines[0] == [column.label for column in table.columns]
    assert lines[1:] == [[cell.in_file for cell in row] for row in table.rows]
    assert f'filename="{report.code}-2026-12-01-2026-12-01.csv"' in response["Content-Disposition"]


def test_a_place_counts_its_own_sessions(desk, practice, a_day):
    make_location("bath")

    assert tables(desk, location="bath")["sessions"].rows == []
    assert rows(tables(desk, location="harbour")["sessions"])[-1][0] == "All"


def test_days_without_sessions_say_so_and_offer_no_file(desk, practice):
    page = desk.get(
        "/staff/reports/", {"first": "2020-01-01", "last": "2020-01-31"}
    ).content.decode()

    assert "No sessions in these days." in page
    assert "sessions.csv" not in page


def test_unasked_it_is_this_month(desk, practice, a_day):
    response = desk.get("/staff/reports/")

    assert str(response.context["first"]) == "2026-12-01"
    assert str(response.context["last"]) == "2026-12-31"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"first": "nonsense"}, "Choose the first day."),
        ({"last": "2026-13-01"}, "Choose the last day."),
        ({"first": "2026-12-02"}, "The last day is before the first."),
        ({"first": "2025-01-01"}, "Choose at most 366 days."),
        ({"first": "0001-01-01", "last": "0001-01-02"}, "That day is too far away."),
        ({"last": "9999-12-31"}, "Choose at most 366 days."),
        ({"location": "nowhere"}, "Choose a location."),
    ],
)
def test_what_cannot_be_reported_is_said_and_there_is_no_file_of_it(desk, practice, wrong, words):
    response = desk.get("/staff/reports/", DAYS | wrong)

    assert response.status_code == 422
    assert words in response.content.decode()
    file = reverse("staff:report_file", args=["sessions"])
    assert desk.get(file, DAYS | wrong).status_code == 404


def test_a_report_nobody_knows_is_not_found(desk, practice):
    assert desk.get("/staff/reports/gossip.csv").status_code == 404


def test_the_page_costs_as_many_queries_whatever_has_happened(
    desk, practice, django_assert_max_num_queries
):
    with django_assert_max_num_queries(30) as quiet:
        desk.get("/staff/reports/", DAYS)
    for number in range(5):
        person = make_runner_with_credits(practice=practice)
        book(practice, person, TUESDAY_9 + number * ONE_HOUR + ONE_HOUR)
    with django_assert_max_num_queries(len(quiet)):
        desk.get("/staff/reports/", DAYS)


def test_the_bookkeeper_reads_them_too(bookkeeper, practice):
    assert bookkeeper.get("/staff/reports/").status_code == 200
