"""Webhooks: other systems are told, signed, when a page changes for readers. See docs/webhooks.md.

``recording`` writes what happened in the transaction of the change, ``delivering`` sends it later
through ``posting`` and keeps each attempt, ``managing`` is what staff do about it.
"""
