"""docs/findings.md says what each finding's code means: all there are, and no other."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cli.errors import RefusalCode
from imaging.findings import FindingCode
from trial_core.domain.identity import IdentityProblem

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| `(?P<code>[a-z0-9-]+)` \| (?P<meaning>[^|]+) \| (?P<action>[^|]+) \|$", re.MULTILINE)


def _explained() -> list[str]:
    return [row["code"] for row in _ROW.finditer((ROOT / "docs/findings.md").read_text("utf-8"))]


def _of_the_record() -> Iterator[str]:
    """Codes of the findings that the trial core makes: `SubmissionFinding(code=...)`."""
    for file in sorted((ROOT / "trial_core").rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        words = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == "SubmissionFinding":
                given = next(each.value for each in call.keywords if each.arg == "code")
                if isinstance(given, ast.Constant):
                    yield str(given.value)
                elif isinstance(given, ast.Name) and given.id in words:
                    yield str(words[given.id])


def test_findings_page__explains_every_code_and_no_other() -> None:
    made = {*FindingCode, *RefusalCode, *IdentityProblem, *_of_the_record()}

    assert set(_explained()) == {str(code) for code in made}


def test_findings_page__explains_each_code_once() -> None:
    assert [code for code, times in Counter(_explained()).items() if times > 1] == []


def test_findings_page__knows_what_the_trial_core_makes() -> None:
    assert {"same-plan-twice", "identity-to-confirm", "check-failed"} <= set(_of_the_record())


def test_every_code__is_raised_somewhere() -> None:
    files = [path for room in ("imaging", "workers") for path in (ROOT / room).rglob("*.py")]
    raised = {name for file in files for name in _named(ast.parse(file.read_text("utf-8")))}

    assert [code.name for code in FindingCode if code.name not in raised] == []


def _named(node: ast.AST) -> Iterator[str]:
    """Members of `FindingCode` in a tree, but for those in a set, which sorts findings and makes none."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Attribute) and ast.unparse(child.value) == "FindingCode":
            yield child.attr
        elif not isinstance(child, ast.Set):
            yield from _named(child)
