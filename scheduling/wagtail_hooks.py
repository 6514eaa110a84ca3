"""Setting up places and people, in the Wagtail admin under "Schedule". See docs/setting-up.md."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
)
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from scheduling.admin_asking import (
    AskingCreateView,
    AskingDeleteView,
    AskingEditView,
    KeptWithSessions,
)
from scheduling.admin_forms import BusyCalendarForm, TherapistForm, sessions_without_a_room
from scheduling.importing.choosing import masked, state_words
from scheduling.importing.refreshing import read_now
from scheduling.models import (
    BusyCalendar,
    Closure,
    HoursException,
    Location,
    Room,
    Therapist,
    TimeOff,
)
from scheduling.wording import zone_words


class LocationViewSet(ModelViewSet):
    model = Location
    icon = "site"
    add_to_reference_index = False
    copy_view_enabled = False
    edit_view_class = AskingEditView
    delete_view_class = KeptWithSessions
    list_display: ClassVar[list[str]] = ["name", "timezone", "is_active"]
    panels: ClassVar[list[Panel]] = [
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldPanel("code"),
                FieldPanel("address"),
                FieldPanel("directions"),
                FieldPanel("timezone"),
            ],
            heading="The place",
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("notice_minutes"), FieldPanel("travel_minutes")])],
            heading="Time before a session",
            help_text="Staff are not bound by the notice. A session may have its own.",
        ),
        MultiFieldPanel(
            [FieldPanel("offers_back_to_back"), FieldPanel("avoids_small_gaps")],
            heading="Which starts are offered",
            help_text="The usual grid is set with each session's length.",
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("most_open_bookings"), FieldPanel("most_bookings_a_day")])],
            heading="How much one runner may book",
        ),
        FieldRowPanel([FieldPanel("position"), FieldPanel("is_active")]),
    ]


class RoomViewSet(ModelViewSet):
    model = Room
    icon = "home"
    add_to_reference_index = False
    copy_view_enabled = False
    edit_view_class = AskingEditView
    delete_view_class = KeptWithSessions
    list_display: ClassVar[list[str]] = ["name", "location", "is_active"]
    list_filter: ClassVar[list[str]] = ["location"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("location"),
        FieldPanel("name"),
        FieldPanel("variants"),
        FieldRowPanel([FieldPanel("position"), FieldPanel("is_active")]),
    ]


class _WarnsOfRooms:
    """After a therapist is saved: what they give and nobody can book for want of a room."""

    def after_saving(self) -> None:
        for sentence in sessions_without_a_room(self.object):  # type: ignore[attr-defined]
            messages.warning(self.request, sentence)  # type: ignore[attr-defined]


class TherapistCreateView(_WarnsOfRooms, AskingCreateView):
    pass


class TherapistEditView(_WarnsOfRooms, AskingEditView):
    pass


class TherapistViewSet(ModelViewSet):
    model = Therapist
    icon = "user"
    add_to_reference_index = False
    copy_view_enabled = False
    add_view_class = TherapistCreateView
    edit_view_class = TherapistEditView
    delete_view_class = KeptWithSessions
    list_display: ClassVar[list[str]] = ["name", "is_active", "is_bookable_online"]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("name"),
                    FieldPanel("code"),
                    FieldPanel("user"),
                    FieldPanel("short_bio"),
                ],
                heading="The person",
            ),
            FieldRowPanel(
                [
                    FieldPanel("position"),
                    FieldPanel("is_active"),
                    FieldPanel("is_bookable_online"),
                ]
            ),
            InlinePanel(
                "variants_given",
                heading="Sessions given",
                label="Session",
                help_text="A credit pays for a session whatever its length or price here.",
                panels=[
                    FieldPanel("variant"),
                    FieldRowPanel([FieldPanel("duration_minutes"), FieldPanel("price_minor")]),
                ],
            ),
            InlinePanel(
                "working_hours",
                heading="Working hours",
                label="Shift",
                help_text="Several shifts a day are fine. A season is a first and a last day.",
                panels=[
                    FieldRowPanel([FieldPanel("location"), FieldPanel("weekday")]),
                    FieldRowPanel([FieldPanel("starts"), FieldPanel("ends")]),
                    FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_to")]),
                ],
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel(
                        [FieldPanel("most_sessions_a_day"), FieldPanel("most_minutes_a_day")]
                    ),
                    FieldRowPanel(
                        [FieldPanel("most_minutes_in_a_row"), FieldPanel("break_minutes")]
                    ),
                ],
                heading="Limits of load",
                help_text="Empty means no limit. Online nothing is offered beyond; "
                "staff may go beyond with a reason.",
            ),
        ],
        base_form_class=TherapistForm,
    )


class OtherHoursCreateView(AskingCreateView):
    same_by = ("therapist", "location", "starts_on", "ends_on", "is_open", "starts", "ends")


class HoursExceptionViewSet(ModelViewSet):
    model = HoursException
    icon = "date"
    menu_label = "Other hours"
    add_to_reference_index = False
    copy_view_enabled = False
    add_view_class = OtherHoursCreateView
    edit_view_class = AskingEditView
    delete_view_class = AskingDeleteView
    list_display: ClassVar[list[str]] = ["therapist", "location", "starts_on", "ends_on", "is_open"]
    list_filter: ClassVar[list[str]] = ["therapist", "location"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("therapist"),
        FieldPanel("location"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        MultiFieldPanel(
            [FieldPanel("is_open"), FieldRowPanel([FieldPanel("starts"), FieldPanel("ends")])],
            heading="Hours on those days",
            help_text="They replace the weekly hours on each of the days.",
        ),
    ]


class ClosureCreateView(AskingCreateView):
    same_by = ("location", "starts_on", "ends_on")


class ClosureViewSet(ModelViewSet):
    model = Closure
    icon = "no-view"
    add_to_reference_index = False
    copy_view_enabled = False
    add_view_class = ClosureCreateView
    edit_view_class = AskingEditView
    list_display: ClassVar[list[str]] = ["location", "starts_on", "ends_on", "reason"]
    list_filter: ClassVar[list[str]] = ["location"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("location"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        FieldPanel("reason"),
    ]


class TimeOffCreateView(AskingCreateView):
    same_by = ("therapist", "starts_at", "ends_at", "kind")


class TimeOffViewSet(ModelViewSet):
    model = TimeOff
    icon = "time"
    menu_label = "Time off"
    add_to_reference_index = False
    copy_view_enabled = False
    add_view_class = TimeOffCreateView
    edit_view_class = AskingEditView
    list_display: ClassVar[list[str]] = ["therapist", "starts_at", "ends_at", "reason"]
    list_filter: ClassVar[list[str]] = ["therapist"]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("therapist"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")])],
            heading="Away",
            help_text=f"{zone_words(settings.TIME_ZONE)}.",
        ),
        FieldPanel("reason"),
    ]


class _ReadsAtOnce:
    """After a calendar is saved it is read, so that a wrong address shows at once."""

    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)  # type: ignore[misc]
        calendar: BusyCalendar = self.object  # type: ignore[attr-defined]
        if calendar.is_active:
            now = timezone.now()
            was_read = read_now(calendar=calendar, at=now)
            tell = messages.success if was_read else messages.warning
            tell(self.request, state_words(calendar, at=now))  # type: ignore[attr-defined]
        return response


class CalendarCreateView(_ReadsAtOnce, generic.CreateView):
    pass


class CalendarEditView(_ReadsAtOnce, generic.EditView):
    pass


class BusyCalendarViewSet(ModelViewSet):
    model = BusyCalendar
    icon = "download"
    menu_label = "Imported calendars"
    add_to_reference_index = False
    copy_view_enabled = False
    add_view_class = CalendarCreateView
    edit_view_class = CalendarEditView
    list_display: ClassVar[list[Any]] = [
        TitleColumn(
            "label", label="Calendar", accessor="label", url_name="schedule_calendars:edit"
        ),
        "therapist",
        Column("address", label="Address", accessor=lambda one: masked(one.url)),
        Column("state", label="State", accessor=lambda one: state_words(one, at=timezone.now())),
    ]
    list_filter: ClassVar[list[str]] = ["therapist"]
    edit_handler = ObjectList(
        [
            FieldPanel("therapist"),
            FieldPanel("label"),
            FieldPanel("url"),
            FieldPanel("is_active"),
        ],
        base_form_class=BusyCalendarForm,
    )


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
        BusyCalendarViewSet("schedule_calendars"),
    )


@hooks.register("register_admin_viewset")
def register_schedule() -> ScheduleGroup:
    return ScheduleGroup()
