"""What a process of a race does: the portal's own acts, each ending in one word.

``ATTEMPTS`` are raced and answer ``{"ended": word}``, with the booking's id where there is one. A
refusal people know has a word; anything else that is raised is named whole and fails the test.
``TOOLS`` build what is raced for, and look at the database afterwards.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Sum

from accounts.models import User
from accounts.name_guards import NameRefused
from accounts.roles import FRONT_DESK
from payments import crediting, gifting, invariants, ordering, posting, selling, selling_errors
from payments.chart import Role
from payments.models import (
    CreditEntry,
    CreditLot,
    Gift,
    JournalEntry,
    Order,
    Package,
    Period,
    PromotionCode,
    PromotionUse,
    ServiceVariant,
)
from payments.period_end import close_period, trial_balance
from scheduling import booking, cancelling, correcting, day, desk, moving
from scheduling.models import OCCUPYING, Booking, Location, Room, Therapist
from scheduling.reasons import OVERRIDABLE
from tests.builders import (
    make_package,
    make_policy,
    make_runner,
    make_service,
    make_variant,
    pay_at_the_desk,
)
from tests.scheduling.builders import make_location, make_shift, make_therapist

REFUSALS = {
    NameRefused: "looks like a colleague",
    booking.TimeTaken: "taken",
    booking.NotOffered: "not offered",
    booking.IllegalTransition: "too late",
    booking.HoldGone: "hold gone",
    crediting.NoCredit: "no credit",
    crediting.NotReserved: "no credit set aside",
    selling_errors.CodeUsedUp: "used up",
    gifting.GiftGone: "gone",
    gifting.NotYours: "not hers",
}


def attempt(name: str, wanted: dict[str, Any]) -> dict[str, str]:
    """Try one act; how it ended."""
    try:
        made = ATTEMPTS[name](**wanted)
    except tuple(REFUSALS) as refused:
        return {"ended": REFUSALS[type(refused)]}
    except Exception as error:
        return {"ended": f"{type(error).__name__}: {error}"}
    return {"ended": name, "booking": str(getattr(made, "public_id", ""))}


# --- raced ---------------------------------------------------------------------------------------


def hold(*, place: str, starts_at: str, runner: str, at: str, therapist="", variant="race-60"):
    return booking.hold_time(
        variant=ServiceVariant.objects.get(code=variant),
        location=Location.objects.get(code=place),
        starts_at=moment(starts_at),
        therapist=Therapist.objects.get(code=therapist) if therapist else None,
        hold_key="",
        runner=person(runner),
        at=moment(at),
    )


def book(*, runner: str, at: str, **wanted):
    held = hold(runner=runner, at=at, **wanted)
    later = moment(at) + timedelta(seconds=1)
    return booking.confirm_with_credit(
        booking=held, runner=person(runner), by=person(runner), at=later
    )


def book_at_desk(*, place: str, starts_at: str, runner: str, at: str, therapist=""):
    """Whatever the rules say, as far as they may be set aside at all."""
    return desk.book_for(
        runner=User.objects.get(email=runner),
        variant=ServiceVariant.objects.get(code="race-60"),
        location=Location.objects.get(code=place),
        starts_at=moment(starts_at),
        therapist=Therapist.objects.get(code=therapist) if therapist else None,
        by=None,
        at=moment(at),
        overriding=OVERRIDABLE,
        reason="She called",
    )


def confirm(*, on: str, runner: str, at: str):
    return booking.confirm_with_credit(
        booking=found(on), runner=person(runner), by=person(runner), at=moment(at)
    )


def release(*, at: str):
    booking.release_expired_holds(at=moment(at))


def move(*, on: str, starts_at: str, at: str, by="", therapist=""):
    return moving.move_booking(
        booking=found(on),
        starts_at=moment(starts_at),
        therapist=Therapist.objects.get(code=therapist) if therapist else None,
        by=person(by),
        at=moment(at),
    )


def cancel(*, on: str, at: str, by=""):
    return cancelling.cancel_booking(booking=found(on), by=person(by), at=moment(at))


def done(*, on: str, at: str):
    return day.complete(booking=found(on), by=None, at=moment(at))


def missed(*, on: str, at: str):
    return day.mark_no_show(booking=found(on), by=None, at=moment(at))


def order(*, package: str, buyer: str, at: str, code=""):
    return ordering.place_order(
        buyer=User.objects.get(email=buyer),
        package=Package.objects.get(code=package),
        at=moment(at),
        code=code,
    )


def claim_gift(*, gift: str, buyer: str, at: str):
    found = Gift.objects.get(public_id=gift)
    by = User.objects.get(email=buyer)
    return gifting.claim(gift=found, code=gifting.code_of(found), by=by, at=moment(at))


def take_back(*, on: str, at: str):
    return correcting.take_back(booking=found(on), by=None, at=moment(at), reason="By mistake")


def post_fee(*, source: str, on: str, at: str):
    return posting.post(
        source=source,
        kind="fee",
        description="A fee",
        moves=[posting.Move(Role.FEES, Role.BANK, 100)],
        currency="GBP",
        effective_at=moment(on),
        at=moment(at),
    )


def close_books(*, until: str, by: str, at: str):
    return close_period(
        ends_on=date.fromisoformat(until), by=person(by), at=moment(at), despite="A race"
    )


def take_on(*, runner: str) -> None:
    Group.objects.get(name=FRONT_DESK).user_set.add(person(runner))


ATTEMPTS = {
    "take on": take_on,
    "hold": hold,
    "book": book,
    "book at the desk": book_at_desk,
    "confirm": confirm,
    "release": release,
    "move": move,
    "cancel": cancel,
    "done": done,
    "missed": missed,
    "take back": take_back,
    "order": order,
    "claim": claim_gift,
    "post": post_fee,
    "close": close_books,
}


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def person(email: str) -> User | None:
    return User.objects.get(email=email) if email else None


def found(public_id: str) -> Booking:
    return Booking.objects.get(public_id=public_id)


# --- tools ---------------------------------------------------------------------------------------


@transaction.atomic
def practice(*, name: str, therapists: int, rooms: int, runners: int, at: str, units=1) -> dict:
    """A place of its own, open every day from 8 to 20, and runners with ``units`` credits."""
    location = make_location(name)
    make_policy()
    variants = [
        make_variant("race-60", service=make_service("race", "Race")),
        make_variant("calves-60", service=make_service("calves", "Calves")),
    ]
    codes = []
    for number in range(therapists):
        therapist = make_therapist(f"{name}-{number}", f"Person {number}", variants=variants)
        for weekday in range(1, 8):
            make_shift(therapist, location, weekday, "08:00", "20:00")
        codes.append(therapist.code)
    for number in range(rooms):
        Room.objects.create(location=location, name=f"Room {number}")
    emails = []
    for number in range(runners):
        runner = make_runner(f"{name}-{number}@example.org", at=moment(at))
        crediting.grant_goodwill(
            owner=runner,
            variants=variants,
            units=units,
            reason="For a race",
            by=None,
            at=moment(at),
            expires_on=date(2027, 12, 31),
        )
        emails.append(runner.email)
    return {"place": location.code, "therapists": codes, "runners": emails}


OVERLAPS = """
SELECT count(*) FROM scheduling_booking AS one JOIN scheduling_booking AS other
ON one.id < other.id AND one.starts_at < other.frees_at AND other.starts_at < one.frees_at
AND (one.therapist_id = other.therapist_id OR one.room_id = other.room_id)
WHERE one.state IN ('held', 'confirmed', 'checked_in')
AND other.state IN ('held', 'confirmed', 'checked_in')
"""


def wrongs(*, runners: list[str]) -> dict[str, Any]:
    """What must never be, counted from the rows alone; all empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        overlaps = cursor.fetchone()[0]
    return {
        "overlaps": overlaps,
        "breaches": [str(breach) for breach in invariants.breaches()],
        "histories": [
            str(one) for one in Booking.objects.prefetch_related("changes") if _has_a_gap(one)
        ],
        "credits": [email for email in runners if _credits_differ(email)],
    }


def _has_a_gap(one: Booking) -> bool:
    """Whether its changes do not lead, each from where the last one ended, to what it is."""
    state = ""
    for change in one.changes.all():
        if change.from_state != state:
            return True
        state = change.to_state
    return state != one.state


def _credits_differ(email: str) -> bool:
    """Whether a runner's units are anywhere but where her bookings say."""
    own = CreditEntry.objects.filter(lot__owner__email=email)
    buckets: Counter[str] = Counter()
    for entry in own.values("from_bucket", "to_bucket").annotate(sum=Sum("units")):
        buckets[entry["from_bucket"]] -= entry["sum"]
        buckets[entry["to_bucket"]] += entry["sum"]
    states = Counter(Booking.objects.filter(runner__email=email).values_list("state", flat=True))
    reserved = states["confirmed"] + states["checked_in"]
    used = states["completed"] + states["cancelled_late"] + states["no_show"]
    return (
        buckets["reserved"] != reserved
        or buckets["used"] != used
        or buckets["available"] != -buckets["issued"] - reserved - used
        or sum(buckets.values()) != 0
    )


def states(*, on: list[str]) -> list[str]:
    return [found(one).state for one in on]


def starts(*, on: list[str]) -> list[str]:
    return [found(one).starts_at.isoformat() for one in on]


def live(*, place: str) -> int:
    return Booking.objects.filter(location__code=place, state__in=OCCUPYING).count()


def shelf(*, name: str, most_uses: int, at: str) -> dict[str, str]:
    """A package and a code of its own that may be used so often."""
    package = make_package(f"{name}-package", units=3, price_minor=10000)
    code = PromotionCode.objects.create(code=name.upper(), share_bp=1000, most_uses=most_uses)
    return {"package": package.code, "code": code.code}


def uses(*, code: str) -> int:
    return PromotionUse.objects.filter(promotion__code=code).count()


def give_up(*, code: str, at: str) -> int:
    """Whoever used the code gives the order up."""
    used = Order.objects.filter(promotion_use__promotion__code=code)
    return sum(1 for one in list(used) if selling.end_checkout(order=one, at=moment(at)))


def gift(*, package: str, buyer: str, to: str, at: str) -> str:
    """A gift that is paid and waits."""
    person = User.objects.get(email=to)
    EmailAddress.objects.create(user=person, email=to, verified=True, primary=True)
    order = ordering.place_order(
        buyer=User.objects.get(email=buyer),
        package=Package.objects.get(code=package),
        at=moment(at),
        gift=gifting.GiftWish("Ben", "Ines", to),
    )
    pay_at_the_desk(order, at=moment(at))
    return str(order.gift.public_id)


def lots_of(*, runner: str) -> list[int]:
    """The units of each lot that she bought or was given by somebody."""
    return [lot.units for lot in CreditLot.objects.filter(owner__email=runner, is_goodwill=False)]


def closed(*, until: str) -> dict[str, int]:
    """What a period was closed with, what its days say now, and what was posted after it."""
    period = Period.objects.get(ends_on=date.fromisoformat(until))
    fees = Role.FEES.code
    now = trial_balance(before=period.ends_at)
    late = JournalEntry.objects.exclude(occurred_at=None).filter(occurred_at__lt=period.ends_at)
    return {
        "then": period.trial_balance["GBP"][fees],
        "now": now["GBP"][fees],
        "late": 100 * late.filter(effective_at__gte=period.ends_at).count(),
    }


def look_alikes(*, pairs: int) -> list[str]:
    """Neighbours in the list seem to have the same name."""
    names = [f"{chr(ord('A') + number) * 3} Ho{sign}t" for number in range(pairs) for sign in "l1"]
    return [make_runner(name=name).email for name in names]


def leave(*, people: list[str]) -> int:
    """How many of them work here, until now."""
    desk = Group.objects.get(name=FRONT_DESK)
    there = list(desk.user_set.filter(email__in=people))
    desk.user_set.remove(*there)
    return len(there)


TOOLS = {
    "look_alikes": look_alikes,
    "leave": leave,
    "shelf": shelf,
    "uses": uses,
    "give_up": give_up,
    "gift": gift,
    "lots_of": lots_of,
    "practice": practice,
    "wrongs": wrongs,
    "states": states,
    "starts": starts,
    "live": live,
    "closed": closed,
}
