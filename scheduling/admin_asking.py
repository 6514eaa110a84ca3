"""The admin's step between a form and its saving: what happens to the sessions it hits (S5).

The question page carries the form along as it was sent, so the answer is the same form again
with a decision for each session. Nothing is kept between the two, and both may come twice.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views import generic

from scheduling.deciding import Changed, Decision, DecisionsNeeded, Do, Done, Hit, Scope
from scheduling.deciding import change_rules as _change_rules
from scheduling.models import Location, Therapist
from scheduling.wording import moment_words

PREFIX = "decision-"
FOR_ALL = "for_all"
OWN_FIELDS = ("csrfmiddlewaretoken", FOR_ALL)


def decision_value(decision: Decision) -> str:
    """As a form sends it: ``keep``, ``cancel``, or ``move|2026-12-01T09:00:00+00:00|imre``."""
    if decision.do != Do.MOVE or decision.starts_at is None:
        return str(decision.do)
    return f"{Do.MOVE}|{decision.starts_at.isoformat()}|{decision.therapist}"


def decision_of(value: str) -> Decision | None:
    """What ``decision_value`` wrote; anything else is no decision."""
    do, *where = value.split("|")
    if do in (Do.KEEP, Do.CANCEL) and not where:
        return Decision(Do(do))
    try:
        starts_at, therapist = where
        moment = datetime.fromisoformat(starts_at)
    except ValueError:
        return None
    if do != Do.MOVE or moment.tzinfo is None:
        return None
    return Decision(Do.MOVE, moment, therapist)


def decisions_of(posted: QueryDict) -> dict[UUID, Decision]:
    """The decisions in a posted form, by the bookings' public ids."""
    found = {}
    for name in posted:
        decision = decision_of(str(posted[name])) if name.startswith(PREFIX) else None
        if decision is not None:
            try:
                found[UUID(name.removeprefix(PREFIX))] = decision
            except ValueError:
                continue
    return found


def scope_of(instance: Model) -> Scope:
    """Whom a rule concerns: itself a therapist or a location, or of one, or of both."""
    if isinstance(instance, Therapist):
        return Scope(therapist=instance)
    if isinstance(instance, Location):
        return Scope(location=instance)
    return Scope(
        therapist=getattr(instance, "therapist", None),
        location=getattr(instance, "location", None),
    )


class _Asks:
    """Of a view that changes a rule: it asks about the sessions it hits before it saves."""

    request: HttpRequest

    def change_rules(self, change: Any, instance: Model) -> Changed[Any]:
        chosen = {} if FOR_ALL in self.request.POST else decisions_of(self.request.POST)
        return _change_rules(
            change=change,
            scope=scope_of(instance),
            decisions=chosen,
            by=self.request.user if self.request.user.is_authenticated else None,
            at=timezone.now(),
            reason=_reason_of(instance),
        )

    def ask(self, needed: DecisionsNeeded, breadcrumbs: list[Any]) -> HttpResponse:
        """The question page; 409, because nothing was saved."""
        posted = self.request.POST
        chosen = _for_all(posted.get(FOR_ALL, ""), needed.hits) or decisions_of(posted)
        context = {
            "breadcrumbs_items": breadcrumbs,
            "header_title": _("Sessions booked then"),
            "header_icon": "calendar-check",
            "sentence": str(needed),
            "carried": [
                (name, value)
                for name, values in posted.lists()
                if name not in OWN_FIELDS and not name.startswith(PREFIX)
                for value in values
            ],
            "rows": [_row(hit, chosen) for hit in needed.hits],
            "trouble": any(name.startswith(PREFIX) for name in posted)
            or posted.get("asked") == "1",
            "back_url": self.request.get_full_path(),
        }
        return TemplateResponse(
            self.request, "scheduling/admin/decisions.html", context, status=409
        )

    def tell(self, done: tuple[Done, ...]) -> None:
        """What became of the decisions, in messages that stay until they are read."""
        counted = {do: sum(one.do == do and not one.trouble for one in done) for do in Do}
        words = {Do.MOVE: _("moved"), Do.CANCEL: _("cancelled"), Do.KEEP: _("kept")}
        parts = [f"{counted[do]} {words[do]}" for do in words if counted[do]]
        if parts:
            messages.success(self.request, _("Sessions: %(what)s.") % {"what": ", ".join(parts)})
        for one in done:
            if one.trouble:
                messages.warning(
                    self.request,
                    _("%(session)s stays as it was: %(trouble)s")
                    % {"session": session_words(one.booking), "trouble": one.trouble},
                    buttons=[
                        messages.button(
                            reverse("staff:booking", args=[one.booking.public_id]), _("Open")
                        )
                    ],
                )


def _reason_of(instance: Model) -> str:
    """What the record of a moved or cancelled session says; time off's own reason is staff's."""
    return _("The diary changed: %(rule)s.") % {"rule": instance._meta.verbose_name}


def session_words(booking: Any) -> str:
    """Tue 1 Dec 09:00, Ana Ortiz"""
    name = booking.runner.name if booking.runner else _("Nobody yet")
    return f"{moment_words(booking.starts_at, booking.zone)}, {name}"


def _for_all(do: str, hits: list[Hit]) -> Mapping[UUID, Decision]:
    """One choice for every session; to move is to the nearest time proposed."""
    if do in (Do.KEEP, Do.CANCEL):
        return {hit.booking.public_id: Decision(Do(do)) for hit in hits}
    if do == Do.MOVE:
        return {hit.booking.public_id: _to_nearest(hit) for hit in hits if hit.proposals}
    return {}


def _to_nearest(hit: Hit) -> Decision:
    start = hit.booking.starts_at
    nearest = min(hit.proposals, key=lambda one: abs(one.starts_at - start))
    return Decision(Do.MOVE, nearest.starts_at, nearest.therapist_code)


def _row(hit: Hit, chosen: Mapping[UUID, Decision]) -> dict[str, Any]:
    booking = hit.booking
    picked = chosen.get(booking.public_id)
    picked_value = decision_value(picked) if picked else ""
    choices = []
    for time in hit.proposals:
        value = decision_value(Decision(Do.MOVE, time.starts_at, time.therapist_code))
        label = _("Move to %(moment)s with %(name)s") % {
            "moment": moment_words(time.starts_at, time.zone),
            "name": time.therapist_name,
        }
        choices.append((value, label))
    cancel = _("Cancel it: the credit goes back and the runner is told")
    keep = _("Keep it as it is")
    choices += [(str(Do.CANCEL), cancel), (str(Do.KEEP), keep)]
    return {
        "booking": booking,
        "legend": session_words(booking),
        "details": f"{booking.session_name}, {booking.therapist.name}, {booking.room}",
        "why": hit.why.sentence,
        "name": f"{PREFIX}{booking.public_id}",
        "choices": [(value, label, value == picked_value) for value, label in choices],
        "is_missing": picked_value not in {value for value, _label in choices},
    }


class _SavesOnce(_Asks):
    """A form's view whose saving changes a rule."""

    # The fields by which a second sending of the same new rule is known.
    same_by: ClassVar[tuple[str, ...]] = ()

    def form_valid(self, form: Any) -> HttpResponseBase:
        self.form = form
        if (answer := self._saved_already(form)) is not None:
            return answer
        try:
            changed = self.change_rules(self.save_instance, form.instance)  # type: ignore[attr-defined]
        except DecisionsNeeded as needed:
            return self.ask(needed, self.get_breadcrumbs_items())  # type: ignore[attr-defined]
        self.object = changed.saved
        self.tell(changed.done)
        self.after_saving()
        response: HttpResponseBase = self.save_action()  # type: ignore[attr-defined]
        return response

    def form_invalid(self, form: Any) -> HttpResponseBase:
        answer = self._saved_already(form)
        if answer is None:
            answer = super().form_invalid(form)  # type: ignore[misc]
        return answer

    def after_saving(self) -> None:
        """What else the person should know."""

    def _saved_already(self, form: Any) -> HttpResponse | None:
        """A new rule that is there already was sent twice: it is saved, and once."""
        if not self.same_by or form.instance.pk:
            return None
        names = [form.instance._meta.get_field(name).attname for name in self.same_by]
        wanted = {name: getattr(form.instance, name) for name in names}
        if all(value is None for value in wanted.values()):
            return None
        if not form.instance.__class__._default_manager.filter(**wanted).exists():
            return None
        messages.success(self.request, _("That is saved already."))
        return redirect(self.get_success_url())  # type: ignore[attr-defined]


class AskingCreateView(_SavesOnce, generic.CreateView):
    """New, after a decision for each session it hits."""


class AskingEditView(_SavesOnce, generic.EditView):
    """Changed, after a decision for each session it hits."""


class AskingDeleteView(_Asks, generic.DeleteView):
    """Deleted, after a decision for each session that leaves without hours."""

    def form_valid(self, form: Any) -> HttpResponseBase:
        success_url = self.get_success_url()
        try:
            changed = self.change_rules(self.delete_action, self.object)
        except DecisionsNeeded as needed:
            return self.ask(needed, [])
        self.tell(changed.done)
        messages.success(self.request, self.get_success_message())
        return redirect(success_url)


class KeptWithSessions(generic.DeleteView):
    """A place, room or therapist with sessions stays: they are its past and its books."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.bookings.exists():
            return self._stays()
        response: HttpResponseBase = super().get(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().form_valid(form)
        except ProtectedError:
            return self._stays()
        return response

    def _stays(self) -> HttpResponse:
        field = self.object._meta.get_field("is_active")
        messages.error(
            self.request,
            _("%(name)s is named by sessions or pages, so it stays. Untick '%(field)s' instead.")
            % {"name": self.object, "field": field.verbose_name},
        )
        return redirect(reverse(self.edit_url_name, args=(self.object.pk,)))
