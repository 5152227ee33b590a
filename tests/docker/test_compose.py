"""What can be checked of the image and the compose file where no container engine is at hand."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.arguments import SUBCOMMANDS, read_arguments

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
COMPOSE, DOCKERFILE = DOCKER / "compose.yaml", DOCKER / "Dockerfile"
ROOMS = ("trial_core", "workers", "cli", "web")
SETTING = re.compile(r"\bDOSEGATE_[A-Z_]+\b")
REQUIRED = re.compile(r"\$\{([A-Z_]+):\?([^}]+)\}")
WITH_DEFAULT = re.compile(r"\$\{([A-Z_]+):-([^}]*)\}")
ANY_VARIABLE = re.compile(r"(?<!\$)\$\{?([A-Z_]+)")
COMPOSE_OWN = {"DOSEGATE_IMAGE"}
"""Read by compose itself, never by the program."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _of_the_program(compose: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, service in compose["services"].items():
        if "dosegate" in service["image"]:
            yield name, service


@cache
def _settings_the_program_reads() -> set[str]:
    known: set[str] = set()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and SETTING.fullmatch(node.value)
            ):
                known.add(node.value)
    return known


@pytest.mark.parametrize(
    "file",
    [path for path in sorted(DOCKER.rglob("*")) if path.is_file() and "__pycache__" not in path.parts],
    ids=lambda path: str(path.relative_to(DOCKER)),
)
def test_files__name_only_settings_that_the_program_reads(file: Path) -> None:
    named = set(SETTING.findall(file.read_text(encoding="utf-8"))) - COMPOSE_OWN
    assert named <= _settings_the_program_reads()


def test_commands__are_subcommands_with_arguments_they_take(compose: Mapping[str, Any]) -> None:
    commands = {name: service["command"] for name, service in _of_the_program(compose)}
    assert {command[0] for command in commands.values()} == {
        "serve",
        "worker",
        "migrate",
        "backup",
        "restore",
    }
    for command in commands.values():
        assert command[0] in SUBCOMMANDS
        read_arguments(command[0], command[1:])
    default = re.search(r'^CMD \["(.+)"\]$', DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert default is not None
    read_arguments(default[1], [])


def test_secrets__have_no_default_and_say_what_to_do(compose: Mapping[str, Any]) -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    required = dict(REQUIRED.findall(text))
    assert {"DATABASE_PASSWORD", "DATABASE_OWNER_PASSWORD", "BROKER_PASSWORD", "PUBLIC_URL"} <= set(required)
    assert all("docker/.env" in words for words in required.values())
    defaults = dict(WITH_DEFAULT.findall(text))
    assert set(defaults) == {"DOSEGATE_IMAGE", "METRICS_TOKEN", "TIME_ZONE"}
    assert defaults["METRICS_TOKEN"] == ""  # without a token nobody reads the figures
    assert set(ANY_VARIABLE.findall(text)) == {*required, *defaults}
    readme = (DOCKER / "README.md").read_text(encoding="utf-8")
    assert all(name in readme for name in required)


def test_database_and_broker__are_reached_from_inside_alone(compose: Mapping[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("database", "broker"):
        service = compose["services"][name]
        assert service["networks"] == ["inside"]
        assert "ports" not in service
    assert compose["services"]["web"]["ports"] == ["127.0.0.1:8050:8050"]


def test_program__runs_without_rights_and_writes_to_two_places(compose: Mapping[str, Any]) -> None:
    for name, service in _of_the_program(compose):
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert [each.partition(":")[0] for each in service["tmpfs"]] == ["/tmp"], name  # noqa: S108 - in the container
        assert "data:/data" in service["volumes"], name
    assert re.search(r"^USER 10001:10001$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)


def test_owners_address__is_given_to_what_makes_tables_alone(compose: Mapping[str, Any]) -> None:
    having = [
        name
        for name, service in compose["services"].items()
        if "DOSEGATE_DATABASE_OWNER_URL" in service.get("environment", {})
    ]
    assert having == ["migrate", "restore"]


def test_files_and_volumes_that_are_named__are_there(compose: Mapping[str, Any]) -> None:
    for name, service in compose["services"].items():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (DOCKER / source).is_file(), name
            elif not source.startswith("$"):
                assert source in compose["volumes"], name
    for line in DOCKERFILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            assert all((ROOT / source).exists() for source in line.split()[1:-1]), line


@pytest.mark.parametrize(
    "script", [*sorted(DOCKER.rglob("*.sh")), DOCKER / "start"], ids=lambda path: path.name
)
def test_script__is_one_that_the_shell_can_read(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    shell = "bash" if "bash" in script.read_text(encoding="utf-8").splitlines()[0] else "sh"
    done = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _has_compose() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


if _has_compose():  # where it is not installed there is nothing to ask; the file is read by the tests above

    def test_compose__takes_the_file_and_refuses_it_without_passwords(tmp_path: Path) -> None:
        bare = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
        config = ("docker", "compose", "-f", str(COMPOSE), "config", "--quiet")
        done = subprocess.run(config, env=bare, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "docker/.env" in done.stderr
        given = {name: "a" * 24 for name, _ in REQUIRED.findall(COMPOSE.read_text(encoding="utf-8"))}
        done = subprocess.run(config, env={**bare, **given}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
