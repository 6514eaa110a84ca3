"""Name, address and the code from the mail."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from payments.models import CreditEntry
from scheduling.booking import release_expired_holds
from scheduling.models import Booking
from tests.scheduling.web.conftest import UNKNOWN, Visit, reload


def test_name_and_email_lead_to_the_code_and_the_code_to_check(visit: Visit):
    booking = visit.held()
    assert visit.tell(booking, mobile="07700 900123").url == f"/book/{booking.public_id}/code/"
    assert visit.prove(booking).url == f"/book/{booking.public_id}/check/"
    runner = User.objects.get(email="robin@example.org")
    assert runner.name == "Robin Ashe"
    assert runner.runner_profile.mobile == "07700 900123"
    assert reload(booking).runner == runner


def test_mistakes_are_listed_first_and_what_was_typed_stays(visit: Visit):
    booking = visit.held()
    answer = visit.tell(booking, email="robin@", name="", mobile="none")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert text.count("Enter an email address, like name@example.com") == 2  # above and beside
    assert 'value="robin@"' in text
    assert "<title>Error: " in text
    assert mail.outbox == []


def test_what_was_typed_is_there_after_the_back_button(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    text = visit.get(booking, "you/", "book").content.decode()
    assert 'value="Robin Ashe"' in text
    assert 'value="robin@example.org"' in text


def test_what_was_typed_survives_another_time(visit: Visit):
    visit.tell(visit.held(), email="robin@")
    again = visit.held(visit.starts(hour=14))
    assert 'value="Robin Ashe"' in visit.get(again, "you/", "book").content.decode()


def test_a_time_taken_while_typing_gets_409_with_the_form_as_typed(
    visit: Visit, other_visit: Visit
):
    booking = visit.held()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        release_expired_holds(at=timezone.now())
        other_visit.held(booking.starts_at)
        answer = visit.tell(booking)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "That time has just gone" in text
    assert text.count('name="slot"') == 3
    assert 'value="robin@example.org"' in text
    assert mail.outbox == []


def test_a_lapsed_hold_whose_time_is_free_goes_on(visit: Visit):
    booking = visit.held()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        release_expired_holds(at=timezone.now())
        answer = visit.tell(booking)
    assert answer.status_code == 302
    held = Booking.objects.get(state=Booking.State.HELD)
    assert answer.url == f"/book/{held.public_id}/code/"
    assert held.starts_at == booking.starts_at


def test_waiting_for_the_code_keeps_the_time_longer(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    kept = reload(booking).hold_expires_at
    assert kept is not None
    assert kept > booking.hold_expires_at + timedelta(minutes=4)


def test_a_double_click_sends_one_code(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    visit.tell(booking)
    assert len(mail.outbox) == 1


def test_a_wrong_code_says_what_to_do_and_the_right_one_still_works(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    right = visit.code()
    wrong = "000000" if right != "000000" else "111111"
    answer = visit.prove(booking, wrong)
    assert answer.status_code == 422
    assert "That is not the code in the mail" in answer.content.decode()
    assert "send a new code" in answer.content.decode()
    assert visit.prove(booking, f" {right[:3]} {right[3:]} ").status_code == 302


def test_after_ten_wrong_tries_from_one_place_even_the_right_code_waits_a_minute(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    for number in range(10):
        Client().post(
            "/accounts/login/", {"login": f"runner{number}@example.com", "password": "wrong"}
        )
    answer = visit.prove(booking, visit.code())
    assert answer.status_code == 429
    assert "Please wait a minute" in answer.content.decode()
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert visit.prove(booking, visit.code()).status_code == 302


def test_an_empty_code_is_told(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    assert visit.prove(booking, " ").status_code == 422


def test_guessing_ends_and_a_new_code_is_offered(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    right = visit.code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(3):
        answer = visit.prove(booking, wrong)
    assert "This code no longer works" in answer.content.decode()
    assert visit.prove(booking, right).status_code == 422
    assert reload(booking).state == Booking.State.HELD


def test_a_code_that_ran_out_can_be_sent_anew_without_typing_again(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = visit.prove(booking)
        assert answer.status_code == 422
        assert "No code is waiting any more" in answer.content.decode()
        answer = visit.post(booking, "code/", "book", resend="1")
        assert answer.status_code == 302
        assert len(mail.outbox) == 2
        assert visit.prove(booking).status_code == 302


def test_resending_too_often_is_told(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    answers = [visit.post(booking, "code/", "book", resend="1") for _ in range(6)]
    assert answers[-1].status_code == 429
    assert "wait" in answers[-1].content.decode()


def test_the_code_page_can_be_pasted_into_and_remembers_the_address(visit: Visit):
    booking = visit.held()
    visit.tell(booking)
    text = visit.get(booking, "code/", "book").content.decode()
    assert 'autocomplete="one-time-code"' in text
    assert "robin@example.org" in text


def test_whoever_is_signed_in_is_not_asked(her_visit: Visit):
    booking = her_visit.held()
    assert her_visit.get(booking, "you/", "book").url.endswith("/check/")
    assert her_visit.get(booking, "code/", "book").url.endswith("/check/")


def test_signing_in_elsewhere_on_the_way_keeps_the_hold(visit: Visit, runner, lot):
    booking = visit.held()
    visit.client.force_login(runner)
    assert "Uses 1 of 4, you will have 3" in visit.get(booking, "check/", "book").content.decode()
    visit.post(booking, "confirmation/", "book")
    assert reload(booking).runner == runner
    assert CreditEntry.objects.filter(kind="reserve").count() == 1


def test_somebody_elses_hold_does_not_exist(visit: Visit, other_visit: Visit, her_visit: Visit):
    booking = visit.held()
    for stranger in (other_visit, her_visit):
        for page in ("you/", "code/", "check/"):
            assert stranger.get(booking, page, "book").status_code == 404
        assert stranger.tell(booking).status_code == 404
        for page in ("confirmation/", "checkout/"):
            assert stranger.post(booking, page, "book").status_code == 404


def test_unknown_holds_are_not_found(visit: Visit):
    assert visit.client.get(f"/book/{UNKNOWN}/you/").status_code == 404
    assert visit.client.get("/book/not-a-uuid/you/").status_code == 404


def test_known_and_unknown_addresses_get_the_same_page(visit: Visit, other_visit: Visit, runner):
    known, unknown = visit.held(), other_visit.held(other_visit.starts(hour=14))
    first = visit.tell(known, email=runner.email)
    second = other_visit.tell(unknown, email="new@example.org")
    assert first.status_code == second.status_code == 302
    assert len(mail.outbox) == 2


def test_asking_who_reads_only(visit: Visit):
    booking = visit.held()
    before = reload(booking).hold_expires_at
    visit.get(booking, "you/", "book")
    visit.get(booking, "code/", "book")
    assert reload(booking).hold_expires_at == before
