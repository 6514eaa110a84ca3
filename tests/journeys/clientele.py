"""A runner with something on each of her pages, one with nothing yet, and who looks after them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.models import Group
from django.test import Client

from accounts import racing, sealing
from accounts.consent_texts import decide
from accounts.consents import Channel, Purpose
from accounts.flagging import flag_client
from accounts.health_reading import open_file
from accounts.models import RunnerProfile, User
from accounts.noting import write_note
from accounts.racing import Habits, RaceFacts
from accounts.retention import keep_to_schedule
from accounts.roles import MANAGERS, OWNERS, THERAPISTS
from accounts.treatment_noting import write_note as write_about_session
from portal.invariants.proving import prove
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.models import Booking
from tests.accounts.intake import answered, questions_in_force
from tests.builders import make_lot, make_runner, make_staff
from tests.practice import Practice, open_practice

PASSWORD = "a long enough pass phrase"
LONG_NAME = "Ana-Sofía Ortiz de la Cruz-Featherstonehaugh"


@dataclass(frozen=True)
class Clientele:
    ana: User
    twin: User  # the same person once more, by mistake
    new: User
    owner: User
    therapist: User
    hired: User  # yesterday, so without a second factor
    session: Booking
    practice: Practice


def clientele() -> Clientele:
    at = datetime.now(UTC)
    practice = open_practice()
    owner, therapist = _staff(OWNERS, "Olu Owner"), _staff(THERAPISTS, "Imre Kovács")
    practice.imre.user = therapist
    practice.imre.save()
    ana, new = _runner("ana@example.org", LONG_NAME, at), _runner("bo@example.org", "", at)
    twin = _runner("a.na+runs@example.org", LONG_NAME, at)
    session = _booked(practice, ana, at)
    has_told(ana, owner, at, clot="Yes")
    will_race(ana, at)
    is_looked_after(ana, therapist, owner, session, at)
    keep_to_schedule(at=at)
    sealing.seal_waiting(at=at)
    prove(at=at)
    return Clientele(
        ana=ana,
        twin=twin,
        new=new,
        owner=owner,
        therapist=therapist,
        hired=_staff(MANAGERS, "Nia Newly"),
        session=session,
        practice=practice,
    )


def signed_in(person: User) -> Client:
    """With her password, a moment ago: pages that ask for more proof do not."""
    client = Client()
    client.force_login(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def give_passkey(person: User) -> Authenticator:
    """Its credential is nobody's: pages show its name."""
    data = {"name": "My phone", "credential": {}}
    return Authenticator.objects.create(user=person, type="webauthn", data=data)


def give_codes(person: User) -> None:
    RecoveryCodes.activate(person)


def _runner(email: str, name: str, at: datetime) -> User:
    person = make_runner(email, name, at=at)
    person.set_password(PASSWORD)
    person.save()
    RunnerProfile.objects.filter(user=person).update(mobile="+44 7700 900123" if name else "")
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def _staff(role: str, name: str) -> User:
    person = make_staff(f"{name.split()[0].lower()}@practice.example", name)
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    person.groups.add(Group.objects.get(name=role))
    return person


def _booked(practice: Practice, ana: User, at: datetime) -> Booking:
    make_lot(ana, variants=[practice.variant], at=at - timedelta(days=1), name="5 of 60 minutes")
    held = hold_time(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(5), 10),
        therapist=practice.imre,
        hold_key="",
        runner=ana,
        at=at,
    )
    return confirm_with_credit(booking=held, runner=ana, by=ana, at=at)


def has_told(ana: User, owner: User, at: datetime, *, clot: str) -> None:
    racing.save_habits(ana, Habits(weekly_km=42, therapist_code="imre", pressure="firm"), at=at)
    decide(ana, Purpose.MARKETING, agrees=True, channel=Channel.ACCOUNT, by=ana, at=at)
    decide(ana, Purpose.MARKETING, agrees=False, channel=Channel.ACCOUNT, by=ana, at=at)
    form = questions_in_force(owner, at=at)
    answered(form, ana, at=at)
    answered(form, ana, at=at, clot=clot, more="Left calf, since the hill session on Tuesday.")


def is_looked_after(
    ana: User, therapist: User, owner: User, session: Booking, at: datetime
) -> None:
    words = "Calves tight on both sides, left more than right. Shorter strokes next time."
    write_about_session(person=ana, session=session.public_id, words=words, by=therapist, at=at)
    open_file(person=ana, by=therapist, at=at)
    for audience in ("team", "managers"):
        write_note(
            client=ana, text="Comes by bike, needs a towel.", audience=audience, by=owner, at=at
        )
    flag_client(
        client=ana, must_call=False, must_prepay=True, alert="Brings a dog", by=owner, at=at
    )


def will_race(ana: User, at: datetime) -> None:
    for name, days, metres, priority in (
        ("Bristol Half", 60, 21_100, "A"),
        ("Forest of Dean Spring Trail Marathon", 200, 42_195, "B"),
        ("Parkrun", -30, 5_000, "C"),
    ):
        held_on = at.date() + timedelta(days=days)
        racing.add_race(ana, RaceFacts(name, held_on, metres, priority), at=at)
