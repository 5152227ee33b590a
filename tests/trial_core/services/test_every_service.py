"""Every service, also one that is added tomorrow, authorises by role and keeps sites apart."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.trial_core.record import AUDIT, Clock
from tests.trial_core.services.service_calls import (
    PASSWORD,
    Rehearsal,
    Wrote,
    call,
    services,
    takes_actor,
)
from trial_core.db.repositories import accounts as account_rows
from trial_core.db.repositories import files, subjects, submissions
from trial_core.db.session import Database
from trial_core.domain.access import CENTRAL_ROLES, PERMISSIONS, SITE_ROLES, Actor, Permission, Role, may
from trial_core.domain.subject import Subject, SubjectStatus
from trial_core.errors import NotAuthorised, TrialError
from trial_core.services import authorise, passwords
from trial_core.store import Store

# These take no actor, each for its reason.
WITHOUT_ACTOR = {
    "accounts.sign_in": "it finds out who acts",
    "everybody.derive_everybody": "the program's own, beside the server; gives nothing out",
    "sums_to_review.read_reports": "the program's own, beside the server; gives nothing out",
    "failed_sign_ins.count_attempt": "it is a step of finding out who acts",
    "accounts.replace_one_time_password": "it finds out who acts",
    "accounts.actor_of": "it finds out who acts",
    "accounts.sign_out": "whoever holds the session may end it",
    "accounts.expire_sessions": "the program's own",
    "audit_trail.verify": "for whoever owns the server; tells no entry's content",
    "audit_trail.add_anchor": "the program's own",
    "audit_trail.add_anchor_if_due": "the program's own",
    "audit_trail.seal_old_entries": "the program's own",
    "ctcae_terms.terms_of_version": "terms that were published; tells no subject",
    "jobs.claim": "a worker's",
    "jobs.renew": "a worker's, by its claim",
    "jobs.work_of": "a worker's, by its claim",
    "jobs.release": "a worker's, by its claim",
    "jobs.fail": "a worker's, by its claim",
    "jobs.expire": "the program's own",
    "jobs.expire_worker": "the program's own",
    "jobs.release_worker": "the program's own",
    "jobs.due": "a worker's",
    "jobs.workers_at_work": "whoever runs the server looks; tells no subject",
    "jobs.job_progress": "a worker's; tells no subject",
    "kept_bytes.kept_to_be_named": "a step of a use case that has authorised",
    "kept_bytes.remove_loose": "the program's own",
    "names_on_record.clear_names": "for whoever owns the server",
    "names_on_record.files_of": "for whoever owns the server",
    "names_on_record.sets_with_files": "for whoever owns the server",
    "presence.present": "whoever runs the server looks; tells no subject",
    "presence.time_told": "whoever runs the server looks; tells no subject",
    "presence.receivers": "whoever runs the server looks; tells no subject",
    "presence.say_receiver_gone": "the listener's own",
    "presence.say_receiving": "the listener's own",
    "presence.say_gone": "a worker's",
    "presence.say_present": "a worker's",
    "protocol_versions.record_own_protocol": "the program's own, at its start",
    "recheck_many.course_of": "for whoever owns the server",
    "recheck_many.to_recheck": "for whoever owns the server",
    "results.finish_plan_check": "a worker's, by its claim",
    "results.refuse_plan_check": "a worker's, by its claim",
    "recheck.recheck_work": "a worker's, by its claim",
    "recheck.finish_recheck": "a worker's, by its claim",
    "precheck_results.precheck_work": "a worker's, by its claim",
    "precheck_results.note_content": "a worker's, by its claim",
    "precheck_results.finish_precheck": "a worker's, by its claim",
    "precheck_results.refuse_precheck": "a worker's, by its claim",
    "dicom_senders.sender_calling": "the listener's: it finds out who sends",
    "receiving.keep_object": "the listener's, for a sender that it has let in",
    "receiving.waiting_bytes": "the listener's; tells no subject",
    "receiving.end_quiet_sets": "the listener's own",
    "uploads.expire_uploads": "the program's own",
    "watching.figures": "for whoever watches the server; tells no subject",
    "watching.is_ready": "for whoever watches the server; tells no subject",
    "watching.note_stages": "a worker's",
    "study.study_now": "the study's state is no secret: every screen says it",
    "screening.list_consent_forms": "versions and dates, which every site has on paper",
}
# Everybody who is signed in may: they act on themselves, see their own site, or which data cuts there are.
FOR_EVERYBODY = {
    "accounts.change_password",
    "accounts.confirm_password",
    "data_cuts.list_data_cuts",
    "own_settings.keep_language",
    "own_settings.language",
    "sites.list_sites",
}
# What a monitor may write: how they like their own pages.
OWN_SETTINGS = {"own_settings.keep_list_filter"}
# Here the code is that of something new.
NAMES_SOMETHING_NEW = {"subjects.create_subject", "sites.create_site"}
NAMES_OF_A_SUBJECTS_THINGS = {
    "code": ("S2-001", "S2-404"),
    "subject_code": ("S2-001", "S2-404"),
    "submission_id": ("a" * 32, "f" * 32),
    "upload_id": ("b" * 32, "e" * 32),
}
AT = datetime(2026, 3, 1, tzinfo=UTC)
BY_ACTOR = sorted(name for name, service in services().items() if takes_actor(service))


@pytest.fixture(scope="module")
def db(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A trial with a person of each role at S1, and a subject with a half-sent plan at S2."""
    file = tmp_path_factory.mktemp("services") / "record.sqlite"
    shutil.copyfile(sqlite_template, file)
    _fill(f"sqlite:///{file}")
    opened = Rehearsal(f"sqlite:///{file}", now=Clock(), audit=AUDIT)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _writes(monkeypatch: pytest.MonkeyPatch, db: Rehearsal) -> None:
    monkeypatch.setattr(db, "writes_allowed", True)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_every_service__takes_an_actor_or_says_why_not() -> None:
    without = {name for name, service in services().items() if not takes_actor(service)}
    assert not without - set(WITHOUT_ACTOR)


@pytest.mark.parametrize("name", sorted(set(BY_ACTOR) - FOR_EVERYBODY))
def test_every_service__lets_in_the_roles_of_the_permission_it_asks_for(
    db: Rehearsal, store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is by arm is asked by another rule; that gives the statistician alone here, for no cut is released.
    asked = {Permission.SEE_OUTCOME_BY_ARM}

    def noted_may(role: Role, one: Permission) -> bool:
        asked.add(one)
        return may(role, one)

    monkeypatch.setattr(authorise, "may", noted_may)
    let_in = {role for role in Role if _outcome(db, store, name, role)[0] is not NotAuthorised}
    by_permission = [{role for role in Role if one in PERMISSIONS[role]} for one in asked]
    known = [roles & reach for roles in by_permission for reach in (set(Role), SITE_ROLES, CENTRAL_ROLES)]
    assert let_in, f"{name} lets nobody in"
    assert let_in in known, f"{name} lets in {sorted(let_in)}: begin it with require(actor, Permission...)"


@pytest.mark.parametrize("name", sorted(set(BY_ACTOR) - FOR_EVERYBODY - OWN_SETTINGS))
def test_every_service__lets_a_monitor_write_nothing(
    db: Rehearsal, store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "writes_allowed", False)
    assert _outcome(db, store, name, Role.MONITOR)[0] is not Wrote


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in BY_ACTOR
        if name not in NAMES_SOMETHING_NEW
        and NAMES_OF_A_SUBJECTS_THINGS.keys() & inspect.signature(services()[name]).parameters.keys()
    ],
)
def test_every_service__answers_for_another_sites_subject_as_for_none(
    db: Rehearsal, store: Store, name: str
) -> None:
    named = NAMES_OF_A_SUBJECTS_THINGS.keys() & inspect.signature(services()[name]).parameters.keys()
    let_in = {role for role in SITE_ROLES if _outcome(db, store, name, role)[0] is not NotAuthorised}
    for role in let_in:
        theirs = _outcome(db, store, name, role, {one: NAMES_OF_A_SUBJECTS_THINGS[one][0] for one in named})
        nobodys = _outcome(db, store, name, role, {one: NAMES_OF_A_SUBJECTS_THINGS[one][1] for one in named})
        assert theirs == nobodys, f"{name} tells {role} about another site"
        said = f"{name} said {nobodys} to {role}: what service_calls made up is refused before the look-up"
        assert theirs[0] is not None, f"{name} did it for {role}"
        assert theirs[0].__name__.startswith("Unknown"), said


def _outcome(
    db: Rehearsal, store: Store, name: str, role: Role, given: dict[str, Any] | None = None
) -> tuple[type[BaseException] | None, str]:
    """Call a service as a person of this role: what was raised, and its words without what was asked for."""
    people = {"db": db, "store": store, "actor": _person(role), "password": PASSWORD}
    try:
        call(services()[name], {**people, **(given or {})})
    except (Wrote, TrialError) as refusal:
        words = str(refusal)
        for one in (given or {}).values():
            words = words.replace(one, "...")
        return type(refusal), words
    except AssertionError:
        raise
    except Exception as problem:  # noqa: BLE001 - made-up arguments may fit nowhere; that is past the door
        return type(problem), ""
    return None, ""


def _person(role: Role) -> Actor:
    site = "S1" if role in SITE_ROLES else None
    return Actor(f"u-{role.name}", f"every-{role.name.lower()}", role, site, role.value)


def _fill(url: str) -> None:
    db = Database(url, audit=AUDIT)
    with db.transaction() as connection:
        for role in Role:
            hashed = passwords.hash_password(PASSWORD)
            account_rows.add_account(connection, _person(role), password_hash=hashed, at=AT)
        new = Subject("S2-001", "S2", SubjectStatus.SCREENING, None, None, AT)
        subjects.add(connection, subject_id="c" * 32, new=new)
        submissions.add(connection, submission_id="a" * 32, subject_id="c" * 32, user_id="u-onc2", at=AT)
        files.add(
            connection,
            submission_id="a" * 32,
            new=[files.Announced("b" * 32, "plan.dcm", 4, "0" * 64)],
        )
    db.close()
