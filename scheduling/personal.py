"""What the diary holds about people. See accounts/classifying.py.

A session that was stays, with its day, place and price: the books lean on it.
"""

from accounts.classifying import Fate, holds, nothing_personal

nothing_personal(
    "Places, rooms and the hours of opening.",
    "scheduling.Location scheduling.Room scheduling.Room_variants scheduling.Closure"
    " scheduling.TherapistVariant scheduling.WorkingHours scheduling.HoursException",
)
nothing_personal(
    "Which treatments and hands a wish on the waiting list names; they go with it.",
    "scheduling.WaitlistEntry_variants scheduling.WaitlistEntry_therapists",
)
nothing_personal("Times another calendar keeps busy, without what for.", "scheduling.BusyTime")

holds(
    "scheduling.Booking",
    of="runner",
    fate=Fate.KEEP,
    rule="books",
    activity="public_id variant therapist room location policy state starts_at ends_at zone"
    " booked_at created_at moves source_page article_title agreed_texts",
    money="price_minor",
    technical="runner frees_at local_start hold_key hold_expires_at sequence token_version"
    " article_id series",
    staff="overrides",
)
holds(
    "scheduling.BookingChange",
    of="booking__runner",
    fate=Fate.EMPTY,
    by_act="reason",
    rule="books",
    words="reason",
    activity="booking from_state to_state kind at",
    technical="details",
    staff="actor",
)
holds(
    "scheduling.Series",
    of="runner",
    fate=Fate.KEEP,
    rule="books",
    activity="public_id every_weeks further left_out created_at",
    technical="runner",
)
holds(
    "scheduling.WaitlistOffer",
    of="entry__runner",
    fate=Fate.DELETE,
    activity="entry offered_at expires_at agreed_at outcome ended_at",
    technical="public_id booking",
)
holds(
    "scheduling.WaitlistEntry",
    of="runner",
    fate=Fate.DELETE,
    activity="public_id location first_on last_on weekdays starts_from starts_before"
    " notice_minutes state created_at ended_at ended_because",
    technical="runner priority wish_key",
)
holds(
    "scheduling.CalendarFeed",
    of="runner therapist__user",
    fate=Fate.DELETE,
    activity="created_at revoked_at read_at",
    technical="runner therapist token",
)

# The people who work here: they leave by a manager, not by an erasure.
holds(
    "scheduling.Therapist",
    rule="staff",
    identity="name",
    words="short_bio",
    none="code position is_active is_bookable_online most_sessions_a_day most_minutes_a_day"
    " most_minutes_in_a_row break_minutes",
    staff="user",
)
holds(
    "scheduling.TimeOff",
    rule="staff",
    words="reason",
    activity="kind starts_at ends_at",
    staff="therapist created_by",
)
holds(
    "scheduling.BusyCalendar",
    rule="staff",
    identity="label",
    technical="url is_active tried_at read_at trouble etag last_modified",
    staff="therapist",
)
