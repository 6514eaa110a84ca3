"""The versions of policies in the admin, to look at: they are made by publishing."""

from __future__ import annotations

from typing import Any, ClassVar

from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from cms.policy_texts import PolicyText


class OnlyRead(ModelPermissionPolicy):
    """Whoever edits pages may look; nobody may touch."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and user.has_perm("wagtailadmin.access_admin")

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_permission(user, action)


register_permission_policy(PolicyText, OnlyRead(PolicyText))


class PolicyTextViewSet(ModelViewSet):
    model = PolicyText
    icon = "history"
    menu_label = "Policy versions"
    menu_order = 320
    add_to_admin_menu = True
    add_to_reference_index = False
    inspect_view_enabled = True
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = [
        "title",
        "code",
        "number",
        "language",
        "effective_on",
        "rules_version",
        "published_at",
        "published_by",
    ]
    list_filter: ClassVar[list[str]] = ["code", "language"]
    search_fields: ClassVar[list[str]] = ["title", "code"]
    form_fields: ClassVar[list[str]] = ["title"]


@hooks.register("register_admin_viewset")
def register_versions() -> PolicyTextViewSet:
    return PolicyTextViewSet("policy_versions")
