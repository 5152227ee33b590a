"""A database that is killed while a planning system sends: a failure is answered, never a lost success."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread
from pynetdicom import AE

from imaging.dicom.sop_classes import SopClass
from tests.support.small_course import write_small_course
from tests.trial_core.postgres import postgres_server
from tests.workers.installation import installation
from tests.workers.receiving import CALLED, echo, reception, register, send
from trial_core.services.inbox import list_inbox

TPS = "RAYSTATION2"
_NO_RESOURCES = 0xA700
_LATER = (0x02, 0x03, 0x01)
"""PS3.8 table 9-21: transient, by the presentation layer, temporary congestion."""


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("course")
    write_small_course(folder)
    return sorted(folder.glob("RP*"))


def test_receiver__answers_a_failure_while_the_database_is_away_and_takes_the_object_after(
    tmp_path: Path, plans: list[Path]
) -> None:
    kept, refused = plans
    with postgres_server() as server:
        server.start()
        url = server.url.format(name="postgres")
        with installation(tmp_path, environment={"DOSEGATE_DATABASE_URL": url}) as home:
            register(home, TPS)
            with reception(home) as at:
                entity = AE(ae_title=TPS)
                entity.add_requested_context(SopClass.RT_PLAN.value)
                association = entity.associate("127.0.0.1", at.port, ae_title=CALLED)
                assert association.send_c_store(dcmread(kept)).Status == 0x0000
                server.kill()
                assert association.send_c_store(dcmread(refused)).Status == _NO_RESOURCES
                assert len(home.store.loose(-60)) == 1  # to be collected, should it never be sent again
                late = entity.associate("127.0.0.1", at.port, ae_title=CALLED)
                assert late.is_rejected
                answer = late.acceptor.primitive
                assert answer is not None
                assert (answer.result, answer.result_source, answer.diagnostic) == _LATER
                assert not echo(at.port, "STRANGER")
                server.start()
                assert association.send_c_store(dcmread(refused)).Status == 0x0000
                association.release()
                assert send(at.port, TPS, plans) == [0x0000, 0x0000]
            (waiting,) = list_inbox(home.db, home.actor)
            assert (dict(waiting.counts), waiting.twice) == ({"RTPLAN": 2}, 0)
            assert len(list(home.store.hashes())) == 2
            assert list((home.store.folder / "staging").iterdir()) == []
            assert home.store.loose(-60) == ()
