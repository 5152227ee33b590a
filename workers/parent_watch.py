"""Ends this process when its parent is gone, so that a killed server leaves no worker behind."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent_id: int) -> None:
    """Ask the kernel to kill this process when its parent dies, also when the parent is killed with SIGKILL.

    Parameters
    ----------
    parent_id
        Process id of the parent as it knows itself: a parent that died before this call is noticed, too.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_id:
        os._exit(1)
