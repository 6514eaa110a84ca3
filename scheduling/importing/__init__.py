"""Calendars kept elsewhere, as time a therapist is busy (E22, S11).

``addresses`` says which addresses may be asked, ``fetching`` asks, ``reading`` turns a file into
busy times, ``refreshing`` keeps them, ``choosing`` adds and removes calendars. Nothing but start
and end of what is busy is kept.
"""
