"""A walk-in, as the desk is asked about it: who she is, then what, when and with whom.

The proposal is filled in so that a known runner is booked with a search, a tap on her name and
"Book": the session she had last, the quarter of an hour it is, the first therapist who is free.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.joining import find_or_add, name_once
from accounts.models import RunnerProfile, User
from payments.models import ServiceVariant
from payments.wallets import Wallet
from portal.staff.asking import rounded
from portal.templatetags.portal_ui import money
from scheduling.availability import FreeTime, free_times
from scheduling.models import Booking, Location, Therapist

SHOWN = 6
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SessionChoice:
    """A row of `components/choice_row.html`."""

    value: str
    label: str
    aside: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """When and with whom, and other starts of that day. No therapist: nobody is free then."""

    starts_at: datetime
    therapist: Therapist | None
    others: tuple[FreeTime, ...]

    @property
    def therapist_code(self) -> str:
        return self.therapist.code if self.therapist else ""


def new_runner(*, name: str, email: str, at: datetime) -> User | None:
    """The person of that address, added if we do not know her; her name stays if she has one.

    None for an address that may not be used.
    """
    runner = find_or_add(email, at=at)
    if runner is None:
        return None
    RunnerProfile.objects.get_or_create(user=runner, defaults={"created_at": at})
    name_once(runner, name)
    return runner


def sessions(wallet: Wallet, chosen: str) -> list[SessionChoice]:
    """What can be booked, each with how it is paid."""
    found = []
    for variant in ServiceVariant.objects.on_offer().select_related("service"):
        left = wallet.variant_available(variant.code)
        price = f"{money(variant.price_minor, variant.currency)} due"
        paid = f"{left} credit{'s'[: left != 1]}" if left else price
        found.append(SessionChoice(variant.code, variant.name, paid, variant.code == chosen))
    return found


def usual_session(runner: User, wallet: Wallet) -> ServiceVariant | None:
    """The one she had last, else the first a credit of hers covers, else the first there is."""
    on_offer = list(ServiceVariant.objects.on_offer().select_related("service"))
    last = (
        Booking.objects.of(runner)
        .filter(variant__in=on_offer)
        .exclude(state__in=[Booking.State.HELD, Booking.State.EXPIRED])
        .order_by("-starts_at")
        .values_list("variant_id", flat=True)
        .first()
    )
    for one in on_offer:
        if one.pk == last:
            return one
    covered = (one for one in on_offer if wallet.variant_available(one.code))
    return next(covered, on_offer[0] if on_offer else None)


def propose(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    asked: datetime | None,
    at: datetime,
) -> Proposal:
    """The start asked for if it is free, unasked the first from now on; seven queries."""
    wanted = asked or rounded(at)
    day = wanted.astimezone(location.zone).date()
    free = free_times(
        variant=variant,
        location=location,
        therapist=None,
        start=day,
        end=day + ONE_DAY,
        at=at,
        for_staff=True,
    )
    later = [one for one in free if one.starts_at >= wanted]
    mine = [one for one in later if therapist is None or one.therapist_id == therapist.pk]
    chosen = next((one for one in mine if asked is None or one.starts_at == asked), None)
    if chosen is not None and therapist is None:
        therapist = Therapist.objects.get(pk=chosen.therapist_id)
    starts_at = chosen.starts_at if chosen else wanted
    return Proposal(starts_at, therapist, _others(later, mine, chosen))


def _others(
    later: list[FreeTime], mine: list[FreeTime], chosen: FreeTime | None
) -> tuple[FreeTime, ...]:
    """The next other starts: the therapist's own, or anyone's where the start asked for is gone."""
    starts: dict[datetime, FreeTime] = {}
    for one in mine if chosen else later:
        if chosen is None or one.starts_at != chosen.starts_at:
            starts.setdefault(one.starts_at, one)
    return tuple(list(starts.values())[:SHOWN])
