"""What a password costs whoever guesses it: the other tests pay less."""

from __future__ import annotations

import subprocess
import sys

from trial_core.services import passwords

HASH = "from trial_core.services.passwords import hash_password; print(hash_password('twelve or more'))"


def test_password__costs_what_rfc_9106_advises_where_memory_is_short() -> None:
    kept = subprocess.run([sys.executable, "-c", HASH], capture_output=True, text=True, check=True).stdout
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_password_that_was_drawn__costs_little_and_is_verified_all_the_same() -> None:
    drawn = passwords.draw_password()
    kept = passwords.hash_password(drawn, drawn=True)
    assert kept.startswith("$argon2id$v=19$m=1024,t=1,p=1$")
    assert passwords.verify_password(kept, drawn)
    assert not passwords.verify_password(kept, drawn + "x")
