"""The container files, read as text: nothing here can start them."""

import re

import jsonschema
import pytest
import yaml

import bootstrap

DOCKERFILE = (bootstrap.ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((bootstrap.ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
NUMBERED_IMAGE = r"^[a-z/-]+:\d+(\.\d+)*(-[a-z]+)*$"
SERVICE = {
    "type": "object",
    "required": ["image", "user", "networks", "restart", "read_only", "cap_drop", "security_opt"],
    "properties": {
        "image": {"anyOf": [{"const": "irtcat"}, {"pattern": NUMBERED_IMAGE}]},
        "build": {"const": "."},
        "user": {"not": {"pattern": "^(root|0)(:|$)"}},
        "networks": {"type": "array", "items": {"enum": ["front", "back"]}, "minItems": 1},
        "restart": {"enum": ["unless-stopped", "no"]},
        "init": {"const": True},
        "read_only": {"const": True},
        "cap_drop": {"const": ["ALL"]},
        "security_opt": {"const": ["no-new-privileges:true"]},
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "command": {"type": "array", "items": {"type": "string"}},
        "depends_on": {
            "type": "object",
            "propertyNames": {"enum": sorted(SERVICES)},
            "additionalProperties": {
                "type": "object",
                "required": ["condition"],
                "properties": {
                    "condition": {"enum": ["service_healthy", "service_completed_successfully"]},
                    "required": {"type": "boolean"},
                },
                "additionalProperties": False,
            },
        },
        "healthcheck": {
            "type": "object",
            "required": ["test", "interval", "timeout", "retries"],
            "properties": {
                "test": {"type": "array", "items": {"type": "string"}, "minItems": 2},
                "interval": {"pattern": r"^\d+s$"},
                "timeout": {"pattern": r"^\d+s$"},
                "start_period": {"pattern": r"^\d+s$"},
                "retries": {"type": "integer"},
            },
            "additionalProperties": False,
        },
        "ports": {"type": "array", "items": {"type": "string"}},
        "volumes": {"type": "array", "items": {"type": "string"}},
        "tmpfs": {"type": "array", "items": {"pattern": "^/"}},
        "shm_size": {"pattern": r"^\d+m$"},
        "stop_signal": {"enum": ["SIGINT"]},
        "stop_grace_period": {"pattern": r"^\d+s$"},
    },
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "required": ["services", "networks", "volumes"],
    "properties": {
        "services": {
            "type": "object",
            "required": ["proxy", "web", "worker", "beat", "migrate", "postgres", "valkey"],
            "additionalProperties": SERVICE,
        }
    },
}


def test_compose_keeps_to_the_schema():
    jsonschema.validate(COMPOSE, SCHEMA)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_tells_its_health(name):
    assert "healthcheck" in SERVICES[name]


def test_only_the_proxy_is_published():
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["proxy"]


def test_the_servers_are_reached_from_inside_only():
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["valkey"]["networks"] == ["back"]


def test_the_proxy_cannot_reach_the_servers():
    assert SERVICES["proxy"]["networks"] == ["front"]


def test_every_secret_comes_from_the_environment():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|URL", name):
                assert value.startswith("${")
    web = SERVICES["web"]["environment"]
    assert web["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in web["DATABASE_URL"]
    assert "${VALKEY_PASSWORD:?" in web["REDIS_URL"]


def test_the_application_waits_for_the_migrations():
    for name in ("web", "worker", "beat"):
        condition = SERVICES[name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"


def test_postgresql_is_18_and_keeps_its_data_where_18_does():
    assert SERVICES["postgres"]["image"].startswith("postgres:18")
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_the_image_starts_from_numbered_images():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert bases
    assert all(re.match(NUMBERED_IMAGE, base) for base in bases)


def test_the_image_does_not_run_as_root():
    users = re.findall(r"^USER (\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert users[-1] == "10001:10001"
    assert DOCKERFILE.index("USER") < DOCKERFILE.index("CMD")


def test_the_image_is_given_no_secret():
    assert re.search(r"^(ADD|ARG)\b", DOCKERFILE, flags=re.MULTILINE) is None
    assert re.search("SECRET|PASSWORD|TOKEN", DOCKERFILE) is None
    allowed = (bootstrap.ROOT / ".dockerignore").read_text().splitlines()
    assert allowed[1] == "*"
    assert [line for line in allowed if line.startswith("!.")] == []


def test_the_image_is_sent_every_package_it_imports():
    allowed = (bootstrap.ROOT / ".dockerignore").read_text()
    for name in ("irtcat_site", "items", "sessions", "scoring", "templates", "static", "locale"):
        assert f"!{name}/\n" in allowed


def test_the_proxy_buffers_requests_and_replies():
    configuration = (bootstrap.ROOT / "deploy/nginx.conf").read_text()
    assert "proxy_request_buffering on;" in configuration
    assert "proxy_buffering on;" in configuration


def test_the_proxy_keeps_no_log_of_addresses_with_tickets():
    configuration = (bootstrap.ROOT / "deploy/nginx.conf").read_text()
    assert "access_log off;" in configuration
