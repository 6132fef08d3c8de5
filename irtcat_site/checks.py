"""System checks for what the environment can get wrong; each has a number and a remedy."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=False)
def check_secret_key(**_: Any) -> list[CheckMessage]:
    if settings.IS_EMBEDDED or settings.DEBUG or len(settings.SECRET_KEY) >= 32:
        return []
    hint = 'Set SECRET_KEY to the output of: python -c "import secrets; print(secrets.token_hex())"'
    return [Error("SECRET_KEY is shorter than 32 characters.", hint=hint, id="irtcat.E001")]


@register(Tags.database)
def check_database_is_postgresql(**_: Any) -> list[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return []
    hint = "Set DATABASE_URL to postgres://user:password@host:5432/name."
    return [Error("irtcat needs PostgreSQL.", hint=hint, id="irtcat.E002")]


@register(Tags.compatibility)
def check_broker_is_redis(**_: Any) -> list[CheckMessage]:
    if settings.CELERY_BROKER_URL.startswith(("redis://", "rediss://", "redis+socket://")):
        return []
    hint = "Set REDIS_URL to redis://host:6379/0."
    return [Error("REDIS_URL is not a Redis address.", hint=hint, id="irtcat.E003")]
