"""What the listener's tests share: an installation at which a sender is registered, and a course to send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.small_course import write_small_course
from tests.workers.installation import Installation, installation
from tests.workers.receiving import register


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for the module, where its `TPS` may send."""
    with installation(tmp_path_factory.mktemp("home")) as made:
        register(made, request.module.TPS)
        yield made


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small synthetic course, once for the module."""
    folder = tmp_path_factory.mktemp("course")
    write_small_course(folder)
    return folder
