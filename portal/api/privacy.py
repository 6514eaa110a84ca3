"""Data and privacy by API: the same acts as the pages (G2, G6, G7, R10)."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from accounts import retention
from accounts.api import caller, signed_in
from accounts.consent_texts import decide
from accounts.consents import Channel, Purpose
from accounts.erasing import ask_for_erasure, take_back
from accounts.fresh import require_fresh
from accounts.merging import find_person
from accounts.models import User
from accounts.roles import ERASE_PERSON, EXPORT_PERSON, may
from portal import privacy_page as reading
from portal.api.idempotency import keep_nothing
from portal.privacy_files import export_data, export_for

mine = Router(tags=["privacy"], auth=signed_in)
staff = Router(tags=["staff"], auth=signed_in)
PurposeName = Literal["marketing", "credit_notices", "health"]


class ChoiceOut(Schema):
    """A purpose, the words of today, and whether it is followed."""

    purpose: str
    title: str
    version: str
    text: str
    is_on: bool


class DecisionOut(Schema):
    """A yes or a no that was given, in the words of then."""

    purpose: str
    granted: bool
    version: str
    text: str
    channel: str
    at: AwareDatetime
    who: str


class ConsentsOut(Schema):
    choices: list[ChoiceOut]
    decisions: list[DecisionOut]


class AgreementIn(Schema):
    agrees: bool


class ObstacleOut(Schema):
    """What is open still; ``until`` when it ends, if that is known."""

    what: str
    until: str | None


class ErasureOut(Schema):
    """``due_at`` is null when nobody asked for it."""

    asked_at: AwareDatetime | None
    due_at: AwareDatetime | None
    credits: int
    obstacles: list[ObstacleOut]


class ErasureIn(Schema):
    """``confirm`` is the word "delete". Credits that are left have to be given up expressly."""

    confirm: Literal["delete"]
    gives_up_credits: bool = False


class ExportOut(Schema):
    """Rows by table, each by its column. ``left_out`` has ``health`` when the caller may not
    read what is about the person's health."""

    person: UUID
    made_at: AwareDatetime
    left_out: list[str]
    tables: dict[str, list[dict[str, Any]]]


class RetentionRuleOut(Schema):
    """``due`` counts what has come to its end; null where only the job itself knows."""

    code: str
    what: str
    keeps: str
    why: str
    then: str
    due: int | None


class ScheduleOut(Schema):
    last_run_at: AwareDatetime | None
    rules: list[RetentionRuleOut]


# her own -----------------------------------------------------------------------------------
@mine.get("/consents/", response=ConsentsOut, operation_id="list_consents")
def list_consents(request: HttpRequest) -> Any:
    """What can be agreed to, and every decision so far."""
    return _consents(caller(request))


@mine.put("/consents/{purpose}/", response=ConsentsOut, operation_id="decide_consent")
def decide_consent(request: HttpRequest, purpose: PurposeName, wanted: AgreementIn) -> Any:
    """A yes or a no. Health is agreed to with its questions; here it can be taken back."""
    person = caller(request)
    about = Purpose(purpose)
    if wanted.agrees and about == Purpose.HEALTH:
        raise Http404
    decide(
        person,
        about,
        agrees=wanted.agrees,
        channel=Channel.API,
        by=person,
        at=timezone.now(),
    )
    return _consents(person)


@mine.post("/export/", response=ExportOut, operation_id="export_my_data")
def export_my_data(request: HttpRequest, file: bool = False) -> Any:
    """Everything about whoever is signed in; with ``file`` the zip with JSON and CSV."""
    require_fresh(request)
    return _export(request, caller(request), file=file)


@mine.get("/erasure/", response=ErasureOut, operation_id="read_my_erasure")
def read_my_erasure(request: HttpRequest) -> Any:
    """Whether it was asked for, what is open still, and which credits would be lost."""
    return _erasure(caller(request))


@mine.post("/erasure/", response={201: ErasureOut}, operation_id="ask_for_my_erasure")
def ask_for_my_erasure(request: HttpRequest, wanted: ErasureIn) -> Any:
    """Delete the account twelve hours from now, once nothing is open."""
    require_fresh(request)
    person = caller(request)
    return Status(201, _asked(person, by=person, wanted=wanted))


@mine.delete("/erasure/", response={204: None}, operation_id="take_back_my_erasure")
def take_back_my_erasure(request: HttpRequest) -> Any:
    """Keep the account after all."""
    person = caller(request)
    take_back(person=person, by=person, at=timezone.now())
    return Status(204, None)


# by staff ----------------------------------------------------------------------------------
@staff.get(
    "/runners/{runner_id}/consents/", response=ConsentsOut, operation_id="list_consents_of_runner"
)
def list_consents_of_runner(request: HttpRequest, runner_id: UUID) -> Any:
    """What somebody agreed to."""
    return _consents(_person(request, runner_id, EXPORT_PERSON, ERASE_PERSON))


@staff.post("/runners/{runner_id}/export/", response=ExportOut, operation_id="export_runner")
def export_runner(request: HttpRequest, runner_id: UUID, file: bool = False) -> Any:
    """Everything about somebody who asked for it; it is noted who made it.

    What is about their health is there only for who may read it, and noted as read.
    """
    person = _person(request, runner_id, EXPORT_PERSON)
    require_fresh(request)
    return _export(request, person, file=file)


@staff.get(
    "/runners/{runner_id}/erasure/", response=ErasureOut, operation_id="read_erasure_of_runner"
)
def read_erasure_of_runner(request: HttpRequest, runner_id: UUID) -> Any:
    return _erasure(_person(request, runner_id, ERASE_PERSON))


@staff.post(
    "/runners/{runner_id}/erasure/", response={201: ErasureOut}, operation_id="erase_runner"
)
def erase_runner(request: HttpRequest, runner_id: UUID, wanted: ErasureIn) -> Any:
    """She asked for it. She is told by mail and can take it back."""
    person = _person(request, runner_id, ERASE_PERSON)
    require_fresh(request)
    return Status(201, _asked(person, by=caller(request), wanted=wanted))


@staff.delete("/runners/{runner_id}/erasure/", response={204: None}, operation_id="keep_runner")
def keep_runner(request: HttpRequest, runner_id: UUID) -> Any:
    person = _person(request, runner_id, ERASE_PERSON)
    take_back(person=person, by=caller(request), at=timezone.now())
    return Status(204, None)


@staff.get("/retention/", response=ScheduleOut, operation_id="read_retention")
def read_retention(request: HttpRequest) -> Any:
    """The retention schedule with what is due now."""
    _require(request, ERASE_PERSON)
    last = retention.last_run()
    return {
        "last_run_at": last.at if last else None,
        "rules": [_rule(each) for each in retention.report(at=timezone.now())],
    }


def _require(request: HttpRequest, *permissions: str) -> None:
    """To everybody else the address does not exist."""
    if not any(may(caller(request), permission) for permission in permissions):
        raise Http404


def _person(request: HttpRequest, public_id: UUID, *permissions: str) -> User:
    _require(request, *permissions)
    """An id of before a merge finds who was kept."""
    found = find_person(public_id)
    if found is None:
        raise Http404
    return found


def _consents(person: User) -> dict[str, Any]:
    return {
        "choices": [
            {
                "purpose": str(choice.words.purpose),
                "title": choice.words.title,
                "version": choice.words.version,
                "text": choice.words.text,
                "is_on": choice.is_on,
            }
            for choice in reading.choices_of(person)
        ],
        "decisions": reading.decisions_of(person),
    }


def _export(request: HttpRequest, person: User, *, file: bool) -> Any:
    keep_nothing(request)
    return (export_for if file else export_data)(person, by=caller(request), at=timezone.now())


def _asked(person: User, *, by: User, wanted: ErasureIn) -> dict[str, Any]:
    at: datetime = timezone.now()
    ask_for_erasure(person=person, by=by, at=at, gives_up_credits=wanted.gives_up_credits)
    return _erasure(person)


def _erasure(person: User) -> dict[str, Any]:
    leaving = reading.leaving_of(person, at=timezone.now())
    request = leaving.request
    return {
        "asked_at": request.asked_at if request else None,
        "due_at": request.due_at if request else None,
        "credits": leaving.credits,
        "obstacles": [
            {"what": each.what, "until": each.until.isoformat() if each.until else None}
            for each in leaving.obstacles
        ],
    }


def _rule(finding: retention.Finding) -> dict[str, Any]:
    names = ("code", "what", "keeps", "why", "then")
    return {name: getattr(finding.rule, name) for name in names} | {"due": finding.due}
