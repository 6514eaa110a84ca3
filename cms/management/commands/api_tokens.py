"""Wagtail's ``manage.py api_tokens``; a token is made with scopes and a term."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from wagtail.management.commands import api_tokens

from cms.api_scopes import Scope
from cms.api_tokens import LONGEST, issue_token


class Command(api_tokens.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        commands: Any = next(
            action for action in parser._actions if isinstance(action.choices, dict)
        )
        create = commands.choices["create"]
        create.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            default=[],
            dest="scopes",
            help="What it may do; again for each. Without any it reads what everybody reads.",
        )
        create.add_argument("--days", type=int, default=90, help="How long it is good for.")

    def create(
        self,
        *args: Any,
        user: str,
        name: str,
        json_output: bool,
        scopes: list[str],
        days: int,
        **options: Any,
    ) -> None:
        if not 1 <= days <= LONGEST.days:
            raise CommandError(f"A token is good for 1 to {LONGEST.days} days.")
        token, secret = issue_token(
            user=self.get_user(user),
            name=name,
            scopes=[Scope(scope) for scope in scopes],
            lasting=timedelta(days=days),
            by=None,
            at=timezone.now(),
        )
        said = {
            "token": secret,
            "prefix": token.prefix,
            "name": token.name,
            "user": token.user.get_username(),
            "scopes": token.terms.scopes,
            "expires_at": token.terms.expires_at.isoformat(),
        }
        self.stdout.write(json.dumps(said) if json_output else secret)
