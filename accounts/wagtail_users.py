"""Wagtail's app of users, with our forms for people."""

from wagtail.users.apps import WagtailUsersAppConfig


class WagtailUsers(WagtailUsersAppConfig):
    user_viewset = "accounts.admin_people.PeopleViewSet"

    def ready(self) -> None:
        super().ready()
        from wagtail.admin.views.account import NameEmailSettingsPanel

        from accounts.admin_people import MyName

        # The account page offers no other way to choose the form of one of its own panels.
        NameEmailSettingsPanel.form_class = MyName
