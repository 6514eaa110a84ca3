"""What a member of staff may do rests until her session has shown a second factor.

`accounts.session_limits` ties a user to the session a request came with. Everywhere else, in
the worker or a command, a user is tied to none, and what they may do is what their roles say.
"""

from functools import cached_property
from typing import Any

from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.backends.base import SessionBase


class HeldBack(PermissionsMixin):
    """Every question after a permission comes through here, whichever page or operation asks."""

    session_in_use: SessionBase | None = None
    was_held_back = False  # a permission that the roles give was refused for want of the factor

    class Meta:
        abstract = True

    @cached_property
    def is_held_back(self) -> bool:
        """Whether the session in use has yet to show a second factor of this person."""
        from accounts.second_factor import was_shown

        return self.session_in_use is not None and not was_shown(self, self.session_in_use)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return super().has_perm(perm, obj) and not self._is_refused()

    def has_module_perms(self, app_label: str) -> bool:
        return super().has_module_perms(app_label) and not self._is_refused()

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        permissions: set[str] = super().get_all_permissions(obj)
        return set() if permissions and self._is_refused() else permissions

    def _is_refused(self) -> bool:
        self.was_held_back = self.was_held_back or self.is_held_back
        return self.is_held_back
