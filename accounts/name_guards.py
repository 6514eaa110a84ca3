"""Nobody comes to work here under a name or address that passes for a colleague's.

Forms say why at the field. This is for what has no form, such as a script, or many people put
into a role at once: giving a role, and changing what staff are called, goes through here. A role
is given by one at a time, so that two newcomers of one moment are compared with each other.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.db.models.signals import m2m_changed, pre_save

from accounts.models import User
from accounts.names import refusals

_TELLING: Final = ("name", "email", "is_staff", "is_superuser")


class NameRefused(PermissionDenied):
    """Nothing was written; str() is a sentence for the person."""


def watch() -> None:
    """Called when the app is ready."""
    pre_save.connect(before_save, sender=User, dispatch_uid="accounts.name_guards.save")
    for through in (User.groups.through, User.user_permissions.through):
        m2m_changed.connect(
            before_role, sender=through, dispatch_uid=f"accounts.name_guards.{through.__name__}"
        )


def before_save(instance: User, update_fields: Any, raw: bool, **_: Any) -> None:
    """A change of what staff are called, or of a runner into staff."""
    if raw or (update_fields is not None and not set(update_fields) & set(_TELLING)):
        return
    marked = instance.is_staff or instance.is_superuser
    if instance._state.adding:
        if marked:
            _check(instance)
        return
    before = User.objects.filter(pk=instance.pk).values(*_TELLING).first()
    if before == {field: getattr(instance, field) for field in _TELLING}:
        return
    if marked or User.objects.working_here().filter(pk=instance.pk).exists():
        _check(instance)


def before_role(
    instance: User | Any,
    action: str,
    reverse: bool,
    model: type[Model],
    pk_set: set[Any] | None,
    **_: Any,
) -> None:
    """A group or a permission given, from either side."""
    if action != "pre_add" or not pk_set:
        return
    given, keys = (type(instance), {instance.pk}) if reverse else (model, pk_set)
    rows = given._base_manager.filter(pk__in=keys).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))
    people = list(User.objects.filter(pk__in=pk_set)) if reverse else [instance]
    for person in people:
        _check(person, beside=[one for one in people if one.pk != person.pk])


def _check(person: User, *, beside: Iterable[User] = ()) -> None:
    found = refusals(name=person.name, email=person.email, person=person.pk, beside=beside)
    if found:
        raise NameRefused(" ".join(found.values()))
