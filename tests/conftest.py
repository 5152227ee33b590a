"""What holds for every test: time for a property, a Ctrl-C that can be tried, passwords that cost little."""

import signal
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from trial_core.services import passwords

settings.register_profile("dosegate", deadline=None)
settings.load_profile("dosegate")

# A shell that starts tests in the background has them, and whatever they start, ignore Ctrl-C
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords with the least work that argon2 takes: people's cost 64 MiB and 50 ms a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield
