"""The version of the code that a result names is that of the code which ran, not of files changed since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trial_core import code_version as module
from trial_core.code_version import code_version
from trial_core.settings import read_settings
from workers import worker_process


class NoDatabaseError(Exception):
    """The worker has come as far as its database."""


@pytest.fixture(autouse=True)
def _own_version() -> Iterator[None]:
    code_version.cache_clear()
    yield
    code_version.cache_clear()


def test_code_version__changes_with_any_source_and_stays_for_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "imaging").mkdir()
    source = tmp_path / "imaging" / "reader.py"
    source.write_text("one")
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    first = code_version()
    source.write_text("another")
    assert code_version() == first
    code_version.cache_clear()
    assert code_version() != first


def test_worker__fixes_the_version_before_it_does_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_url: str, **_options: object) -> None:
        raise NoDatabaseError

    monkeypatch.setattr(worker_process, "Database", refuse)
    monkeypatch.setattr(worker_process, "log_to_standard_error", lambda _name: None)
    with pytest.raises(NoDatabaseError):
        worker_process.run_worker(read_settings({"DOSEGATE_DATA": str(tmp_path)}))
    assert code_version.cache_info().currsize == 1
