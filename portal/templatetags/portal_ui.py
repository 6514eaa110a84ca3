"""Words for money and time, form controls, and the drawings: what the components share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency
from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, to_locale

from payments.money import major, price_words
from portal import lane_art

register = template.Library()

NOT_BREAKING = "\N{NO-BREAK SPACE}"
MORNING_ENDS, AFTERNOON_ENDS = 12, 17


def _locale() -> str:
    """Babel's name of the language that is spoken now."""
    return to_locale(get_language() or settings.LANGUAGE_CODE)


# --- Money -----------------------------------------------------------------------------------
def _with_minus(words: str) -> str:
    """A true minus sign: the hyphen is too short beside figures."""
    return words.replace("-", "\N{MINUS SIGN}")


@register.filter
def money(minor: int | Literal[""] | None, currency: str) -> str:
    """Minor units as people write them: 5180 is £51.80. Nothing for None."""
    if minor is None or minor == "":
        return ""
    return _with_minus(format_currency(major(minor, currency), currency, locale=_locale()))


@register.filter
def money_short(minor: int | Literal[""] | None, currency: str) -> str:
    """As ``money``, without the pence when there are none: £58."""
    if minor is None or minor == "":
        return ""
    return _with_minus(price_words(minor, currency, locale=_locale()))


@register.filter
def minor_plain(minor: int, currency: str) -> str:
    """For machines: 51.80, no sign of a currency and no thousands separator."""
    return f"{major(minor, currency):f}"


# --- Time ------------------------------------------------------------------------------------
def _zone(tz: str | tzinfo) -> tzinfo:
    return ZoneInfo(tz) if isinstance(tz, str) else tz


def _in_english() -> bool:
    """English days are ours, shorter than the standard's: Wed 2 Dec."""
    return _locale().startswith("en")


def _short(day: date) -> str:
    """Wed 2 Dec, on one line."""
    if _in_english():
        words = f"{day:%a} {day.day} {day:%b}"
    else:
        words = format_skeleton("MMMEd", day, locale=_locale())
    return words.replace(" ", NOT_BREAKING)


def _long(day: date) -> str:
    """Wednesday 2 December; a narrow column may break it after the weekday."""
    if _in_english():
        return f"{day:%A} {day.day}{NOT_BREAKING}{day:%B}"
    weekday = format_date(day, "EEEE", locale=_locale())
    return f"{weekday}, {format_skeleton('MMMMd', day, locale=_locale())}"


def _dated(day: date) -> str:
    """2 Dec 2026, on one line."""
    if _in_english():
        words = f"{day.day} {day:%b} {day.year}"
    else:
        words = format_skeleton("yMMMd", day, locale=_locale())
    return words.replace(" ", NOT_BREAKING)


def _day_element(day: date, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', f"{day:%Y-%m-%d}", words)


def _time_element(at: datetime, tz: str | tzinfo, words: str) -> SafeString:
    local = at.astimezone(_zone(tz))
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), words)


def _zone_element(at: datetime, tz: str | tzinfo, words: str) -> SafeString:
    local = at.astimezone(_zone(tz))
    return format_html(
        '<time datetime="{}" data-zone="{}">{}</time>',
        local.isoformat(timespec="minutes"),
        str(_zone(tz)),
        words,
    )


@register.filter
def plain_time(at: datetime, tz: str | tzinfo) -> str:
    """17:30 on the clock of `tz`."""
    return f"{at.astimezone(_zone(tz)):%H:%M}"


@register.filter
def plain_day(at: datetime, tz: str | tzinfo) -> str:
    """Wed 2 Dec."""
    return _short(at.astimezone(_zone(tz)))


@register.filter
def plain_long_day(at: datetime, tz: str | tzinfo) -> str:
    """Wednesday 2 December."""
    return _long(at.astimezone(_zone(tz)))


@register.filter
def plain_moment(at: datetime, tz: str | tzinfo) -> str:
    """Wed 2 Dec, 17:30."""
    return f"{plain_day(at, tz)},{NOT_BREAKING}{plain_time(at, tz)}"


@register.filter
def local_time(at: datetime, tz: str | tzinfo) -> SafeString:
    """`plain_time` in a <time> element."""
    return _time_element(at, tz, plain_time(at, tz))


@register.filter
def local_day(at: datetime, tz: str | tzinfo) -> SafeString:
    """`plain_day` in a <time> element."""
    return _time_element(at, tz, plain_day(at, tz))


@register.filter
def local_long_day(at: datetime, tz: str | tzinfo) -> SafeString:
    """`plain_long_day` in a <time> element."""
    return _time_element(at, tz, plain_long_day(at, tz))


@register.filter
def local_moment(at: datetime, tz: str | tzinfo) -> SafeString:
    """`plain_moment` in a <time> element."""
    return _time_element(at, tz, plain_moment(at, tz))


@register.filter
def zone_moment(at: datetime, tz: str | tzinfo) -> SafeString:
    """`local_moment` that tells the script its zone, so a visitor elsewhere sees both clocks."""
    return _zone_element(at, tz, plain_moment(at, tz))


@register.filter
def zone_time(at: datetime, tz: str | tzinfo) -> SafeString:
    """`local_time` that tells the script its zone, likewise."""
    return _zone_element(at, tz, plain_time(at, tz))


@register.filter
def day_words(day: date) -> SafeString:
    """A date as Wed 2 Dec, in a <time> element."""
    return _day_element(day, _short(day))


@register.filter
def day_long(day: date) -> SafeString:
    """A date as Wednesday 2 December, in a <time> element."""
    return _day_element(day, _long(day))


@register.filter
def day_year(day: date) -> SafeString:
    """A date as 2 Dec 2026, in a <time> element."""
    return _day_element(day, _dated(day))


@register.filter
def minutes_words(minutes: int) -> str:
    """60 min and 90 min, as people say of a session; from two hours on 2 h 15 min."""
    hours, rest = divmod(int(minutes), 60)
    if hours < 2:
        return f"{minutes}{NOT_BREAKING}min"
    words = f"{hours} h {rest} min" if rest else f"{hours} h"
    return words.replace(" ", NOT_BREAKING)


@register.filter
def local_day_year(at: datetime, tz: str | tzinfo) -> SafeString:
    """The local date of an instant as 2 Dec 2026, in a <time> element."""
    return day_year(at.astimezone(_zone(tz)).date())


@register.filter
def validity_words(days: int) -> str:
    """How long credits last: whole years and months are said as months, the rest as days."""
    months = {30: 1, 31: 1, 60: 2, 90: 3, 91: 3, 92: 3, 180: 6, 182: 6, 183: 6, 365: 12, 366: 12}
    number = months.get(days, 0) or (24 if days in {730, 731} else 0)
    if number:
        words = ngettext("%(number)s month", "%(number)s months", number) % {"number": number}
    else:
        words = ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
    return words.replace(" ", NOT_BREAKING)


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """The slots of a morning, an afternoon or an evening."""

    name: str
    slots: tuple[Any, ...]


@register.filter
def parts_of_day(slots: Iterable[Any], tz: str | tzinfo) -> list[PartOfDay]:
    """Slots by morning, afternoon and evening of the clinic's clock; empty parts are left out."""
    named: dict[str, list[Any]] = {"Morning": [], "Afternoon": [], "Evening": []}
    for slot in slots:
        starts_at = slot["starts_at"] if isinstance(slot, dict) else slot.starts_at
        hour = starts_at.astimezone(_zone(tz)).hour
        part = "Morning" if hour < MORNING_ENDS else "Afternoon"
        named[part if hour < AFTERNOON_ENDS else "Evening"].append(slot)
    return [PartOfDay(name, tuple(found)) for name, found in named.items() if found]


# --- Figures and words -----------------------------------------------------------------------
@register.filter
def signed(number: int) -> str:
    """+5, or -1 with a true minus: a change shows its sign."""
    return f"+{number}" if number > 0 else _with_minus(str(number))


@register.filter
def initials(name: str) -> str:
    """IK for Imre Kovács; one letter for one word."""
    words = name.split()
    return "".join(word[0] for word in ([words[0], words[-1]] if words[1:] else words)).upper()


@register.filter
def dots(left: int, of: int) -> list[bool]:
    """One entry a credit, true while it is left."""
    return [n < left for n in range(max(of, left))]


@register.filter
def beside(cells: Iterable[Any], columns: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Each cell of a row with its column."""
    return list(zip(columns, cells, strict=True))


# --- Forms -----------------------------------------------------------------------------------
@register.simple_tag
def control(field: BoundField, hint: str = "", **attrs: Any) -> SafeString:
    """The field's control, tied to its hint and its error for those who listen to the page."""
    described = [f"{field.id_for_label}_hint"] if hint or field.help_text else []
    if field.errors:
        described.insert(0, f"{field.id_for_label}_error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs={name: value for name, value in attrs.items() if value})


@register.filter
def label_of(form: Any, name: str) -> str:
    """The label of a form's field, for the error summary."""
    return str(form[name].label) if name in form.fields else ""


@register.filter
def anchor_of(form: Any, name: str) -> str:
    """The id an error summary links to: the control, or the first choice of a group."""
    if name not in form.fields:
        return "main"
    field = form[name]
    subwidgets = list(field.subwidgets)
    if len(subwidgets) > 1 and getattr(field.field.widget, "input_type", "") in {
        "radio",
        "checkbox",
    }:
        return str(subwidgets[0].id_for_label)
    return str(field.id_for_label)


# --- Drawings --------------------------------------------------------------------------------
@register.filter
def lane_drawing(seed: str, shape: str) -> lane_art.LaneArt:
    """Path data of the picture for this seed."""
    return lane_art.draw(str(seed), shape)
