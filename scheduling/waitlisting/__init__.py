"""Waiting for a time, being offered one, answering (E14, S10). See docs/waitlist.md.

Locks, in this order: entry, then as everywhere wallet, therapists, rooms, bookings.
"""
