"""`dosegate run`: check a synthetic course on a demo study and serve it; what `make run` does."""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.check import print_verdicts
from cli.installation import settings_of_this_environment
from cli.output import say
from cli.progress import StageLog
from cli.serve import address, serve

if TYPE_CHECKING:
    from trial_core.db.session import Database
    from trial_core.settings import Settings
    from trial_core.store import Store
    from workers.demo_study import SignIn


def run(arguments: Namespace) -> int:
    """Prepare the demo study, then serve until Ctrl-C."""
    serve(settings_of_this_environment(arguments.port), prepare=_prepare)
    return 0


def _prepare(settings: Settings, db: Database, store: Store) -> None:
    from imaging.synthetic.identity import Patient
    from workers.demo_study import demo_report, load_demo_study

    course = _synthetic_course(settings.data_folder / "demo" / "course")
    log = StageLog()
    sign_in = load_demo_study(settings, db, store, course, patient_id=Patient().patient_id, tell=log.note)
    log.end()
    report = demo_report(db, store, sign_in)
    if report:
        print_verdicts(report)
    else:
        say("The demo course has no report yet; its page shows how far it is.")
    _print_sign_in(settings, sign_in)


def _synthetic_course(folder: Path) -> Path:
    """Give the demo course, written at the first run; a run that was cut off leaves no half of it."""
    if folder.is_dir():
        return folder
    from imaging.synthetic.course import write_course

    say(f"writing a synthetic LDRT + CFRT course to {folder} (once) ...")
    unfinished = folder.with_name("course.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    write_course(unfinished)
    unfinished.rename(folder)
    return folder


def _print_sign_in(settings: Settings, sign_in: SignIn) -> None:
    password = sign_in.password or "(changed since the first run)"
    print(f"\nOpen      {address(settings)}\nUser      {sign_in.user_name}\nPassword  {password}")
    print(f"          kept in {sign_in.password_file}; synthetic subjects only\n", flush=True)
