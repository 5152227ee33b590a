"""Rules every file keeps: a purpose in line one, one screenful of purpose, numba and Celery in one place."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("dosimetry", "imaging", "trial_core", "workers", "web", "cli")
LONGEST_MODULE_LINES = 400


def _modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", list(_modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_module__says_its_purpose_and_has_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{path}: the first line says what the module is for"
    assert text.count("\n") <= LONGEST_MODULE_LINES, (
        f"{path}: over {LONGEST_MODULE_LINES} lines has two purposes"
    )


def test_numba__is_named_in_one_file() -> None:
    users = {path.relative_to(ROOT).as_posix() for path in _modules() if "numba" in _imports(path)}
    assert users == {"dosimetry/compile.py"}


def test_celery__is_named_in_workers_alone() -> None:
    users = {path.relative_to(ROOT).parts[0] for path in _modules() if _imports(path) & {"celery", "kombu"}}
    assert users == {"workers"}


def _codes_registered(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr="add_subject"), args=[ast.Constant(value=str(code))]):
                yield code


def test_subjects__of_browser_tests_have_codes_of_their_own() -> None:
    # They share one installation, and which of them run in it changes with the number of processes.
    files = sorted((ROOT / "tests" / "browser").glob("*.py"))
    codes = Counter(code for file in files for code in _codes_registered(file))
    assert codes
    assert [code for code, times in codes.items() if times > 1] == []
