"""Noting edits of rows that no act changes: what is set up by hand in the admin.

Before a row is saved its old values are read, and what differs afterwards goes into the trail.
An edit by `QuerySet.update` sends no signal, so acts that use it write the trail themselves.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.utils import timezone

from accounts import auditing

WITHHELD: Final = "withheld"
_BEFORE: Final = "_audit_before"


@dataclass(frozen=True, slots=True)
class Edits:
    """How edits of one model are noted: as `<area>.added`, `.changed` and `.removed`.

    Of `withheld` columns the trail says that they changed, and not what they say: words about
    somebody, names, addresses. `only` narrows what is looked at at all; `beside` is said with
    every change, since the row means little without.
    """

    area: str
    key: str = "pk"
    withheld: Collection[str] = ()
    only: Collection[str] = ()
    new: Callable[[Any], bool] = bool
    beside: Collection[str] = ()

    def columns(self, model: type[Model]) -> list[str]:
        names = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
        return [name for name in names if not self.only or name in self.only]

    def columns_of_new(self, instance: Model) -> list[str]:
        """All of a new row; of one looked at in part what is not as it is for everybody."""
        columns = self.columns(type(instance))
        if not self.only:
            return columns
        usual = {field.attname: field.get_default() for field in instance._meta.concrete_fields}
        return [name for name in columns if getattr(instance, name) != usual[name]]

    def shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: WITHHELD if name in self.withheld and value else value
            for name, value in values.items()
        }


def note_edits(model: type[Model], edits: Edits) -> None:
    """Called once for each model, when the apps are ready."""
    about = str(model._meta.verbose_name)

    def before_save(instance: Model, update_fields: Any, raw: bool, **_: Any) -> None:
        columns = _touched(edits.columns(model), update_fields)
        is_new = instance._state.adding or raw or auditing.is_quiet()
        old = {} if is_new or not columns else _stored(model, instance, columns)
        setattr(instance, _BEFORE, old)

    def after_save(instance: Model, created: bool, raw: bool, **_: Any) -> None:
        old: dict[str, Any] = instance.__dict__.pop(_BEFORE, {})
        if raw or auditing.is_quiet():
            return
        columns = edits.columns_of_new(instance) if created else list(old)
        # Read again: what was given as text or an expression is then what the row says.
        new = _stored(model, instance, [*edits.beside, *columns]) if columns else {}
        changed = [name for name in columns if created or old[name] != new.get(name)]
        if not changed:
            return
        _record(
            edits,
            "added" if created else "changed",
            about,
            instance,
            before={} if created else {name: old[name] for name in changed},
            after={name: new.get(name) for name in (*edits.beside, *changed)},
        )

    def before_delete(instance: Model, **_: Any) -> None:
        setattr(instance, _BEFORE, _stored(model, instance, edits.columns(model)))

    def after_delete(instance: Model, **_: Any) -> None:
        old: dict[str, Any] = instance.__dict__.pop(_BEFORE, {})
        if not auditing.is_quiet():
            _record(edits, "removed", about, instance, before=old, after={})

    uid = f"accounts.edits.{model._meta.label_lower}"
    pre_save.connect(before_save, sender=model, weak=False, dispatch_uid=uid)
    post_save.connect(after_save, sender=model, weak=False, dispatch_uid=uid)
    pre_delete.connect(before_delete, sender=model, weak=False, dispatch_uid=uid)
    post_delete.connect(after_delete, sender=model, weak=False, dispatch_uid=uid)


def note_links(model: type[Model], name: str, edits: Edits, *, called: str = "pk") -> None:
    """The same for a many-to-many field of a model; each side's rows are told by `called`."""
    field = model._meta.get_field(name)
    through: Any = field.remote_field.through  # type: ignore[union-attr]

    def changed(
        instance: Model, action: str, reverse: bool, pk_set: set[Any] | None, **_: Any
    ) -> None:
        done = {"post_add": "added", "post_remove": "removed", "pre_clear": "removed"}.get(action)
        if done is None or auditing.is_quiet() or (not pk_set and action != "pre_clear"):
            return
        theirs: Any = field.remote_field.get_accessor_name() if reverse else name  # type: ignore[union-attr]
        # After a removal they are gone from the relation, so they are looked up by themselves.
        related: Any = getattr(instance, theirs)
        linked = related.all() if pk_set is None else related.model._base_manager.all()
        if pk_set is not None:
            linked = linked.filter(pk__in=pk_set)
        for mine, other in [
            (other, instance) if reverse else (instance, other) for other in linked
        ]:
            value = [str(_attribute(other, called))]
            _record(
                edits,
                "changed",
                str(model._meta.verbose_name),
                mine,
                before={} if done == "added" else {name: value},
                after={name: value} if done == "added" else {},
            )

    m2m_changed.connect(
        changed,
        sender=through,
        weak=False,
        dispatch_uid=f"accounts.edits.{model._meta.label_lower}.{name}",
    )


def _touched(columns: list[str], update_fields: Collection[str] | None) -> list[str]:
    if update_fields is None:
        return columns
    return [name for name in columns if {name, name.removesuffix("_id")} & set(update_fields)]


def _stored(model: type[Model], instance: Model, columns: list[str]) -> dict[str, Any]:
    rows: Any = model._base_manager.filter(pk=instance.pk)
    return rows.values(*columns).first() or {}


def _record(
    edits: Edits,
    verb: str,
    about: str,
    instance: Model,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    auditing.record(
        f"{edits.area}.{verb}",
        by=auditing.asker.get()(),
        at=timezone.now(),
        about=about[:40],
        key=str(_attribute(instance, edits.key))[:120],
        before=edits.shown(before),
        after=edits.shown(after),
    )


def _attribute(instance: Model, path: str) -> Any:
    """By a path such as `user.public_id`."""
    found: Any = instance
    for part in path.split("."):
        found = getattr(found, part)
    return found
