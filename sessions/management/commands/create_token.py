"""Make a personal API token for a member of staff or a program."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken


class Command(BaseCommand):
    help = "Makes a personal API token (shown once) for a user: Authorization: Token …"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--days", type=int, help="lifetime in days; default: until revoked")

    def handle(self, *args: Any, username: str, days: int | None, **options: Any) -> None:
        people = get_user_model()
        user = people.objects.filter(username=people.normalize_username(username)).first()
        if user is None:
            raise CommandError(f"There is no user {username!r}.")
        if days is not None and days < 1:
            raise CommandError("--days must be at least 1.")
        expiry = None if days is None else timedelta(days=days)
        _token, secret = AuthToken.objects.create(user, expiry=expiry)
        self.stdout.write(secret)
