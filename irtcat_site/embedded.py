def database_url() -> str:
    return "postgres://127.0.0.1:1/none"


def redis_url() -> str:
    return "redis://127.0.0.1:1/0"


def secret_key() -> str:
    return "embedded"
