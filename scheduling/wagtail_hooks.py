"""Setting up places and people, in the Wagtail admin under "Schedule"."""

from typing import ClassVar

from wagtail import hooks
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from scheduling.admin_forms import TherapistForm
from scheduling.models import Closure, HoursException, Location, Room, Therapist, TimeOff


class LocationViewSet(ModelViewSet):
    model = Location
    icon = "site"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["name", "timezone", "is_active"]
    panels: ClassVar[list[FieldPanel]] = [
        FieldPanel("name"),
        FieldPanel("code"),
        FieldPanel("address"),
        FieldPanel("directions"),
        FieldPanel("timezone"),
        FieldPanel("position"),
        FieldPanel("is_active"),
    ]


class RoomViewSet(ModelViewSet):
    model = Room
    icon = "home"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["name", "location", "is_active"]
    list_filter: ClassVar[list[str]] = ["location"]
    panels: ClassVar[list[FieldPanel]] = [
        FieldPanel("location"),
        FieldPanel("name"),
        FieldPanel("variants"),
        FieldPanel("position"),
        FieldPanel("is_active"),
    ]


class TherapistViewSet(ModelViewSet):
    model = Therapist
    icon = "user"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["name", "is_active", "is_bookable_online"]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("code"),
            FieldPanel("user"),
            FieldPanel("short_bio"),
            FieldPanel("variants"),
            FieldPanel("position"),
            FieldPanel("is_active"),
            FieldPanel("is_bookable_online"),
            InlinePanel(
                "working_hours",
                heading="Working hours",
                label="Shift",
                panels=[
                    FieldRowPanel([FieldPanel("location"), FieldPanel("weekday")]),
                    FieldRowPanel([FieldPanel("starts"), FieldPanel("ends")]),
                    FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_to")]),
                ],
            ),
        ],
        base_form_class=TherapistForm,
    )


class HoursExceptionViewSet(ModelViewSet):
    model = HoursException
    icon = "date"
    menu_label = "Other hours"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["therapist", "location", "starts_on", "ends_on", "is_open"]
    list_filter: ClassVar[list[str]] = ["therapist", "location"]
    panels: ClassVar[list[object]] = [
        FieldPanel("therapist"),
        FieldPanel("location"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        MultiFieldPanel(
            [FieldPanel("is_open"), FieldRowPanel([FieldPanel("starts"), FieldPanel("ends")])],
            heading="Hours on those days",
        ),
    ]


class ClosureViewSet(ModelViewSet):
    model = Closure
    icon = "no-view"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["location", "starts_on", "ends_on", "reason"]
    list_filter: ClassVar[list[str]] = ["location"]
    panels: ClassVar[list[object]] = [
        FieldPanel("location"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldPanel("reason"),
    ]


class TimeOffViewSet(ModelViewSet):
    model = TimeOff
    icon = "time"
    menu_label = "Time off"
    add_to_reference_index = False
    list_display: ClassVar[list[str]] = ["therapist", "starts_at", "ends_at", "reason"]
    list_filter: ClassVar[list[str]] = ["therapist"]
    panels: ClassVar[list[object]] = [
        FieldPanel("therapist"),
        FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
        FieldPanel("reason"),
    ]


class ScheduleGroup(ViewSetGroup):
    menu_label = "Schedule"
    menu_icon = "calendar-alt"
    menu_order = 210
    items = (
        TherapistViewSet("schedule_therapists"),
        LocationViewSet("schedule_locations"),
        RoomViewSet("schedule_rooms"),
        HoursExceptionViewSet("schedule_other_hours"),
        ClosureViewSet("schedule_closures"),
        TimeOffViewSet("schedule_time_off"),
    )


@hooks.register("register_admin_viewset")
def register_schedule() -> ScheduleGroup:
    return ScheduleGroup()
