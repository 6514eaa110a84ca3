"""A therapist sees her own day and her own clients, and nobody else's exist for her (AD1, AD5)."""

import pytest

from accounts.roles import THERAPISTS
from tests.builders import make_runner
from tests.portal.staff.conftest import in_group, signed_in
from tests.scheduling.builders import TUESDAY_9, book, make_credits


@pytest.fixture
def sessions(practice):
    """One of Imre's, one of Lena's at the same hour."""
    practice.imre.user = in_group(THERAPISTS, name="Imre Kovacs")
    practice.imre.save()
    return (
        _session(practice, "Ana Own", practice.imre),
        _session(practice, "Olga Other", practice.lena),
    )


def _session(practice, name, therapist):
    runner = make_runner(name=name)
    make_credits(runner, practice=practice)
    return book(practice, runner, TUESDAY_9, therapist=therapist)


def test_the_board_and_the_api_show_her_own_sessions_alone(practice, sessions):
    own, _other = sessions
    imre = signed_in(practice.imre.user)
    day = f"day={TUESDAY_9:%Y-%m-%d}&location={practice.location.code}"

    for view in ("", "&by=room", f"&therapist={practice.lena.code}"):
        page = imre.get(f"/staff/day/?{day}{view}").content.decode()
        assert "Ana Own" in page
        assert "Olga Other" not in page
        assert "/staff/walk-in/" not in page
        assert f"/staff/bookings/{own.public_id}/move/" not in page

    listed = imre.get(f"/api/v1/staff/day/?location={practice.location.code}&on={TUESDAY_9.date()}")
    assert [one["id"] for one in listed.json()] == [str(own.public_id)]
    assert len(imre.get("/api/v1/staff/bookings/").json()["items"]) == 1


def test_anothers_session_and_client_are_not_there(practice, sessions):
    own, other = sessions
    imre = signed_in(practice.imre.user)
    stranger = make_runner(name="Stella Stranger")

    for booking, status in ((own, 200), (other, 404)):
        for address in (
            f"/staff/bookings/{booking.public_id}/",
            f"/staff/bookings/{booking.public_id}/no-show/",
            f"/staff/bookings/{booking.public_id}/turnaround/",
            f"/staff/bookings/{booking.public_id}/correction/",
            f"/staff/runners/{booking.runner.public_id}/",
            f"/api/v1/staff/bookings/{booking.public_id}/",
            f"/api/v1/staff/bookings/?runner={booking.runner.public_id}",
        ):
            assert imre.get(address).status_code == status, address
    assert imre.get(f"/staff/runners/{stranger.public_id}/").status_code == 404
    assert imre.post(f"/staff/bookings/{other.public_id}/arrival/").status_code == 404
    table = imre.get("/staff/runners/?q=example").context["table"]
    assert [row[0].text for row in table.rows] == ["Ana Own"]


def test_what_the_desk_does_is_not_hers(practice, sessions):
    own, _other = sessions
    imre = signed_in(practice.imre.user)

    for address in (
        "/staff/week/",
        "/staff/why/",
        "/staff/walk-in/",
        "/staff/blocks/",
        "/staff/waitlist/",
        "/staff/reports/",
        f"/staff/bookings/{own.public_id}/cancellation/",
        f"/staff/bookings/{own.public_id}/move/",
    ):
        assert imre.get(address).status_code == 403, address


def test_whoever_left_sees_nothing_any_more(practice, sessions):
    own, _other = sessions
    practice.imre.is_active = False
    practice.imre.save()

    assert signed_in(practice.imre.user).get(f"/staff/bookings/{own.public_id}/").status_code == 404
