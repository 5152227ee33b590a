"""A real Slurm of one node in a temporary folder: munge, the controller and the node's daemon."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

_READY_WITHIN_S = 40.0
_ENDED_WITHIN_S = 40.0
NODE = "node1"
CONFIGURATION = """
ClusterName=dosegate-test
SlurmctldHost=localhost
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
CredType=cred/munge
# A requeued job may start again once its credential is over: seconds here, two minutes elsewhere.
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,batch_sched_delay=0
ReturnToService=2
KillWait=15
SlurmdParameters=config_overrides
NodeName={node} NodeAddr=127.0.0.1 NodeHostname={host} CPUs=4 RealMemory=20000
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(frozen=True)
class Slurm:
    """The cluster, as whoever submits jobs sees it."""

    folder: Path

    def run(self, *command: str, environment: Mapping[str, str] | None = None) -> str:
        """Run one of Slurm's commands and give what it says."""
        done = subprocess.run(
            command, env=self._environment(environment), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}\n{self.logs()}"
        return done.stdout.strip()

    def submit(self, script: Path, *options: str, environment: Mapping[str, str]) -> str:
        """Submit a batch script and give the job's number."""
        return self.run("sbatch", "--parsable", *options, str(script), environment=environment)

    def facts(self, job: str) -> dict[str, str]:
        """Give what the controller knows of a job."""
        words = self.run("scontrol", "show", "job", job).split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    def state(self, job: str) -> str:
        """Give a job's state, such as RUNNING."""
        return self.facts(job)["JobState"]

    def processes(self, job: str) -> set[int]:
        """List the processes of a job: its script and all that it started."""
        mark = f"SLURM_JOB_ID={job}\0".encode()
        return {process for process in all_processes() if mark in _environment_of(process)}

    def logs(self) -> str:
        """Give the end of every daemon's log."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in self.folder.glob("*.log")
        )

    def _environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"), **(more or {})}


@contextmanager
def running_slurm() -> Iterator[Slurm]:
    """Start a cluster; afterwards nothing of it runs."""
    with tempfile.TemporaryDirectory(prefix="dg-slurm-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # munge wants everyone to reach its socket
        slurm = Slurm(folder)
        _configure(folder)
        with ExitStack() as daemons:
            daemons.callback(_end_what_is_left, folder)
            munged = daemons.enter_context(_daemon(folder, "munged", *_munge_options(folder)))
            wait_for(lambda: (folder / "munge.socket").exists() and munged.poll() is None, slurm.logs)
            daemons.enter_context(_daemon(folder, "slurmctld", "-D"))
            daemons.enter_context(_daemon(folder, "slurmd", "-D", "-N", NODE))
            wait_for(lambda: _is_idle(slurm), slurm.logs)
            yield slurm
            slurm.run("scancel", "--user=root")
            wait_for(lambda: not slurm.run("squeue", "--noheader"), slurm.logs)


def wait_for(met: Callable[[], object], said: Callable[[], str], limit_s: float = _READY_WITHIN_S) -> None:
    """Wait until a condition holds; else fail with what is said."""
    end = time.monotonic() + limit_s
    while not met():
        assert time.monotonic() < end, said()
        time.sleep(0.1)


def all_processes() -> set[int]:
    """List the processes of this machine."""
    return {int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()}


def _configure(folder: Path) -> None:
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)
    for part in ("state", "spool"):
        (folder / part).mkdir()
    (controller, node) = _free_ports()
    text = CONFIGURATION.format(
        folder=folder, controller_port=controller, node_port=node, node=NODE, host=socket.gethostname()
    )
    (folder / "slurm.conf").write_text(text, encoding="utf-8")


def _munge_options(folder: Path) -> list[str]:
    return [
        "--foreground",
        f"--key-file={folder / 'munge.key'}",
        f"--socket={folder / 'munge.socket'}",
        f"--pid-file={folder / 'munged.pid'}",
        f"--seed-file={folder / 'munge.seed'}",
        f"--log-file={folder / 'munged-own.log'}",
    ]


def _free_ports() -> tuple[int, int]:
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def _daemon(folder: Path, name: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program is not None, f"{name} is not installed; run make cluster-test"
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([program, *options], env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_ENDED_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_idle(slurm: Slurm) -> bool:
    done = subprocess.run(
        ["sinfo", "--noheader", "--format=%T"],
        env={**os.environ, "SLURM_CONF": str(slurm.folder / "slurm.conf")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() == "idle"


def _end_what_is_left(folder: Path) -> None:
    """Kill what a failed test left of this cluster: step daemons and scripts that name its configuration."""
    mark = f"SLURM_CONF={folder / 'slurm.conf'}\0".encode()
    for process in all_processes() - {os.getpid()}:
        if mark in _environment_of(process):
            os.kill(process, signal.SIGKILL)


def _environment_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/environ").read_bytes()
    except OSError:  # it is gone
        return b""
