"""Asking servers of others: the one guard for calendars, webhooks and whatever else is fetched."""
