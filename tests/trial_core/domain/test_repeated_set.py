"""A repeated set is all of an earlier one and nothing else."""

from __future__ import annotations

import pytest

from trial_core.domain.plan import Provenance
from trial_core.domain.repeated_set import AcceptedResult, find_repeat

UIDS = frozenset({"1.1", "1.2"})


def _provenance(*inputs: str) -> Provenance:
    return Provenance(
        protocol_id="test", protocol_version="1", protocol_sha256="0", code_version="1", input_sha256=inputs
    )


@pytest.mark.parametrize(
    ("inputs", "used", "uids", "same_result", "codes"),
    [
        (("a", "b"), {"a", "b"}, UIDS, True, ["same-plan-twice"]),
        (("b", "a"), {"a"}, UIDS, True, ["same-plan-twice"]),
        (("a",), {"a"}, {"1.1"}, False, []),
        (("a", "b", "c"), {"a", "b", "c"}, UIDS | {"1.3"}, False, []),
        (("a", "b", "a note"), {"a", "b"}, UIDS, False, ["same-plans-other-files"]),
        (("a", "b", "c"), {"a", "b"}, UIDS | {"1.3"}, False, ["same-plans-other-files"]),
        (("a", "c"), {"a"}, UIDS | {"1.3"}, False, []),
        (("a", "altered"), {"a", "altered"}, UIDS, False, ["objects-altered"]),
    ],
)
def test_find_repeat__needs_every_file_and_no_other(
    inputs: tuple[str, ...], used: set[str], uids: set[str], same_result: bool, codes: list[str]
) -> None:
    repeat = find_repeat(
        provenance=_provenance(*inputs),
        used_sha256=frozenset(used),
        sop_instance_uids=frozenset(uids),
        earlier=[AcceptedResult(1, _provenance("a", "b"), UIDS)],
    )
    assert (repeat.same_result, [finding.code for finding in repeat.findings]) == (same_result, codes)
