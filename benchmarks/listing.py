"""B4, in process: free times over HTTP against a view that says hello, full middleware in both."""

from datetime import timedelta
from unittest import mock

from django.test import Client
from django.test.utils import override_settings

from benchmarks import diaries
from benchmarks.measuring import Ratio, in_turn
from benchmarks.practice import AT, START, WINDOW_DAYS, in_the_window
from scheduling import remembering

ADDRESS = "/api/v1/availability/"


def run(quick: bool) -> list[Ratio]:
    diary = diaries.new(in_the_window() if quick else 9_999)
    there = override_settings(ROOT_URLCONF="benchmarks.hello", ALLOWED_HOSTS=["*"])
    clock = mock.patch("django.utils.timezone.now", return_value=AT)
    with diary.open(), there, clock:
        client = Client(SERVER_NAME="localhost")
        return [*_of_days(client, 1), *_of_days(client, WINDOW_DAYS)]


def _of_days(client: Client, days: int) -> list[Ratio]:
    question = {
        "variant": "bench-60",
        "location": "bench",
        "start": str(START),
        "end": str(START + timedelta(days=days)),
    }

    def listed() -> object:
        answer = client.get(ADDRESS, question)
        assert answer.status_code == 200, answer.content
        return answer

    def hello() -> object:
        return client.get("/hello")

    tag = client.get(ADDRESS, question).headers["ETag"]

    def unchanged() -> object:
        answer = client.get(ADDRESS, question, headers={"If-None-Match": tag})
        assert answer.status_code == 304, answer.content
        return answer

    made, greeted = in_turn(listed, hello, rounds=15, before=remembering.forget)
    again, kept, welcome = in_turn(listed, unchanged, hello, rounds=40)
    what = f"10 therapists, {days} day{'s' * (days > 1)}"
    against = "hello"
    return [
        Ratio("B4", f"{what}, uncached", made, against, greeted, ">= 0.10", of_requests=True),
        Ratio("B4", f"{what}, ETag match", kept, against, welcome, ">= 0.5", of_requests=True),
        Ratio("B4", f"{what}, remembered", again, against, welcome, "none", of_requests=True),
    ]
