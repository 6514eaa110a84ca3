"""Whatever people are called: stored sign by sign, and it turns nothing around it (fault 36)."""

from html import escape

import time_machine
from django.test import Client

from accounts import joining
from accounts.isolating import isolated
from accounts.models import User
from tests.builders import make_runner
from tests.scheduling.builders import TUESDAY_10, book, make_credits

NAMES = {
    "right to left": "\u05d9\u05e2\u05dc \u05db\u05d4\u05df",
    "both ways": "\u0644\u064a\u0644\u0649 Smith (Ms)",
    "an embedding that never ends": "Ana \N{RIGHT-TO-LEFT OVERRIDE}ziurtO",
    "an isolate that ends too early": "Ana \N{POP DIRECTIONAL ISOLATE}\u05d9\u05e2\u05dc",
    "combining": "Jose\u0301 N\u0303andu\u0301",
    "emoji": "Ana \N{RUNNER}\U0001f3fd\u200d\u2640\ufe0f Ortiz",
    "quotes": "Ana \u201cFast\u201d O'Neill & Co <b>",
}


@time_machine.travel(TUESDAY_10, tick=False)
def test_a_name_is_kept_and_stands_alone_on_every_page(practice, desk):
    runner, her = make_runner(), Client()
    make_credits(runner, practice=practice, at=TUESDAY_10)
    booking = book(practice, runner, TUESDAY_10, therapist=practice.imre)
    her.force_login(runner)
    for name in NAMES.values():
        User.objects.filter(pk=runner.pk).update(name="")
        runner.name = ""
        joining.name_once(runner, name)
        assert User.objects.get(pk=runner.pk).name == name
        shown, first = escape(name), escape(name.split(" ")[0])
        for who, address, words in (
            (her, "/account/", f"Hello <bdi>{first}</bdi>"),
            (desk, f"/staff/runners/{runner.public_id}/", f'title"><bdi>{shown}</bdi></h1>'),
            (desk, "/staff/day/?day=2026-12-01&location=harbour", f"10:00 <bdi>{shown}</bdi>"),
            (desk, f"/staff/bookings/{booking.public_id}/move/", f"Move <bdi>{shown}</bdi>"),
        ):
            assert words in who.get(address).content.decode(), (name, address)
        by_api = desk.get(f"/api/v1/staff/bookings/{booking.public_id}/").json()
        assert name in by_api["runner_name"]


def test_a_name_in_a_message_is_marked_only_where_it_could_disturb():
    plain = ("Ana Ortiz", "Jose\u0301", "\u5c71\u7530", NAMES["quotes"], NAMES["emoji"])
    for name in plain:
        assert isolated(name) == name
    for name in ("right to left", "both ways"):
        said = f"{isolated(NAMES[name])} has the credit."
        assert said == f"\u2068{NAMES[name]}\u2069 has the credit."


def test_a_name_in_a_message_keeps_no_sign_that_reaches_beyond_it():
    """Whatever turns the text around, or ends the isolate that the name stands in."""
    signs = [chr(one) for one in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
    for sign in signs:
        assert isolated(f"An{sign}a Ortiz") == "Ana Ortiz"
    hebrew = "\u05d9\u05e2\u05dc"
    assert isolated(f"{hebrew}{''.join(signs)} Ana") == f"\u2068{hebrew} Ana\u2069"


def test_a_name_that_is_too_long_is_refused_with_a_reason(client, db):
    answer = client.post("/accounts/signup/", {"email": "new@example.org", "name": "a" * 10_000})
    assert "at most 120 characters" in answer.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()
