"""What the practice knows of a runner beyond sessions and money, for `tests.lives`."""

import uuid
from datetime import datetime, timedelta

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group

from accounts.bounces import Bounce
from accounts.client_notes import ClientNote
from accounts.flagging import flag_client
from accounts.merges import Merge
from accounts.merging import merge_people
from accounts.models import Message, User
from accounts.noting import edit_note, write_note
from accounts.races import Race
from accounts.racing import Habits, RaceFacts, add_race, save_habits
from accounts.roles import MANAGERS
from accounts.talking import let_book_again
from accounts.treatment_noting import write_note as note_treatment
from payments.models import AdjustmentProposal
from tests.accounts.intake import answered, questions_in_force
from tests.builders import make_runner, make_staff

DAY = timedelta(days=1)


def trains(person: User, words: str, at: datetime) -> None:
    facts = RaceFacts(
        f"Run for {words}", held_on=at.date() + 60 * DAY, distance_m=42195, priority="A"
    )
    add_race(person, facts, at=at)
    save_habits(person, Habits(weekly_km=40, pressure="firm"), at=at)


def tells_of_her_health(person: User, words: str, at: datetime) -> None:
    """An answer that asks for a call, the call, and a note."""
    staff = make_staff()
    answered(questions_in_force(staff, at=at), person, at=at, clot="Yes", more=f"My {words}.")
    let_book_again(person=person, by=staff, at=at)
    note_treatment(person=person, session=uuid.uuid4(), words=f"Her {words}.", by=staff, at=at)


def is_known_to_staff(person: User, words: str, at: datetime) -> None:
    manager = make_staff()
    manager.groups.add(Group.objects.get(name=MANAGERS))
    flag_client(
        client=person,
        must_call=False,
        must_prepay=False,
        alert=f"Asks about {words}",
        by=manager,
        at=at,
    )
    team = ClientNote.Audience.TEAM
    note = write_note(client=person, text=f"Said {words}", audience=team, by=manager, at=at)
    edit_note(note=note, text=f"Said twice {words}", audience=team, by=manager, at=at)
    AdjustmentProposal.objects.create(
        kind="goodwill",
        key=uuid.uuid4().hex,
        summary=f"1 goodwill credits for {person.public_id}",
        terms={"owner": str(person.public_id), "units": 1},
        reason=f"Came in vain: {words}",
        proposed_by=manager,
        proposed_at=at,
    )


def bounced(message: Message, address: str, at: datetime) -> None:
    Bounce.objects.create(
        message=message, email=address, kind=Bounce.Kind.REFUSED, said=f"{address} full", at=at
    )


def was_two_people(
    person: User, *, email: str, words: str, browser: str, ip: str, at: datetime
) -> User:
    """An account that was absorbed, with what stays with it: ways in, and a race of both."""
    other = make_runner(email, person.name, at=at - 60 * DAY)
    other.runner_profile.mobile = person.runner_profile.mobile
    other.runner_profile.save()
    UserSession.objects.create(user=other, session_key=uuid.uuid4().hex, ip=ip, user_agent=browser)
    SocialAccount.objects.create(
        user=other, provider="google", uid=uuid.uuid4().hex, extra_data={"email": email}
    )
    mine = Race.objects.get(runner=person)
    add_race(other, RaceFacts(mine.name, mine.held_on, mine.distance_m, "B"), at=at)
    merge_people(kept=person, absorbed=other, why="Same mobile", by=make_staff(), at=at)
    Merge.objects.filter(absorbed=other).update(why=f"Told us of {words}")
    return other
