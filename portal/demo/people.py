"""The demo's runners, and how each of them lives."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from portal.demo.logins import RUNNER

FIRST = (
    "Ada Amir Anouk Ben Bea Callum Carys Dev Ella Emre Esther Finn Freya Gwen Hamza Hana Ines Isaac"
    " Jade Jamal Kai Kezia Lena Liam Maya Milo Nadia Noor Oscar Priya Quinn Rhys Rosa Ruth Sami"
    " Sofia Tariq Tess Theo Uma Vera Will Wren Yara Yusuf Zoe"
).split()
LAST = (
    "Abbott Ashworth Bell Brennan Chowdhury Clarke Dobson Ekwueme Farrow Fenn Gill Hale Hopkins"
    " Iqbal Jarvis Keane Larkin Malik Mensah Novak Okafor Penhale Price Quigley Rahman Rees Sato"
    " Tanner Usman Vance Whitlock Yeo"
).split()
HOW_MANY = 60


@dataclass(frozen=True, slots=True)
class Runner:
    """One runner's habits; the history plays them day by day."""

    email: str
    name: str
    joins_on: date
    first_package: str
    next_package: str
    service: str
    minutes: int
    location: str
    days_between: int
    likes: str | None  # a therapist's code


def demo_login(*, joins_on: date) -> Runner:
    """The runner people sign in as: keen, so that there is something to see."""
    return Runner(
        email=RUNNER.email,
        name=RUNNER.name,
        joins_on=joins_on,
        first_package="ten-60",
        next_package="five-60",
        service="sports-massage",
        minutes=60,
        location="harbour",
        days_between=7,
        likes="imre",
    )


def runners(random: Random, *, start: date, end: date) -> list[Runner]:
    """Sixty runners who join between two days, the same ones for the same seed."""
    names: set[str] = set()
    while len(names) < HOW_MANY:
        names.add(f"{random.choice(FIRST)} {random.choice(LAST)}")
    span = (end - start).days
    return [
        _runner(random, name, start + timedelta(days=random.randrange(0, span - 6)))
        for name in sorted(names)
    ]


def _runner(random: Random, name: str, joins_on: date) -> Runner:
    minutes = random.choices((30, 60, 90), weights=(1, 7, 2))[0]
    service = random.choices(
        ("sports-massage", "deep-tissue", "recovery-flush"), weights=(6, 3, 2)
    )[0]
    single = f"single-{service}-{minutes}"
    bundle = {30: single, 60: random.choice(("five-60", "five-60", "ten-60")), 90: "three-90"}
    return Runner(
        email=f"{name.lower().replace(' ', '.')}@runners.example",
        name=name,
        joins_on=joins_on,
        first_package=single if random.random() < 0.45 else bundle[minutes],
        next_package=bundle[minutes],
        service=service,
        minutes=minutes,
        location=random.choices(("harbour", "velodrome"), weights=(3, 2))[0],
        days_between=random.choice((5, 7, 7, 10, 14)),
        likes=random.choice((None, None, "imre", "sana", "joss", "mara")),
    )
