"""Starts a server so that it dies with us and, as root, runs as somebody unprivileged."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LONGEST_FOLDER = 60  # a socket path has 107 bytes at most, its name needs some of them


def short_folder() -> Path:
    """Return a new folder with a short path that every user may enter.

    What killed test runs left behind is removed on the way.
    """
    long = len(tempfile.gettempdir()) > _LONGEST_FOLDER
    place = Path("/tmp" if long else tempfile.gettempdir())  # noqa: S108 - only new names in it
    for old in place.glob("cw-*-*"):
        owner = old.name.split("-")[1]
        if owner.isdigit() and not lives(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"cw-{os.getpid()}-", dir=place))
    folder.chmod(0o755)
    return folder


def lives(process: int) -> bool:
    """Tell whether a process with this id runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Account:
    """Who runs a server that refuses root: an existing unprivileged user; else ourselves."""

    def __init__(self) -> None:
        self.switch: dict[str, object] = {}
        self._entry: pwd.struct_passwd | None = None
        if os.geteuid() == 0:
            self._entry = pwd.getpwnam("nobody")
            self.switch = {
                "user": self._entry.pw_uid,
                "group": self._entry.pw_gid,
                "extra_groups": [],
            }

    def own(self, folder: Path) -> None:
        """Make `folder` the account's own, closed to others."""
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        if self._entry is not None:
            os.chown(folder, self._entry.pw_uid, self._entry.pw_gid)

    def reachable(self, programs: Path, probe: str, copy_to: Path) -> Path:
        """Return a folder whose `probe` this account can start; copies the tree if need be."""
        try:
            self.run([str(programs / probe), "--version"], cwd="/")
        except (PermissionError, subprocess.CalledProcessError):
            if not copy_to.exists():
                shutil.copytree(programs.parent, copy_to, symlinks=True)
            return copy_to / programs.name
        return programs

    def run(self, command: Sequence[str], *, cwd: str) -> None:
        """Run a program to its end; raises CalledProcessError with its output."""
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, **self.switch)  # type: ignore[call-overload]

    def start(
        self, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start a server that gets SIGINT when this process dies."""
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=env,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - keepers have no threads
                **self.switch,
            )  # type: ignore[call-overload]


def end(process: "subprocess.Popen[bytes]", how: signal.Signals = signal.SIGINT) -> None:
    """Ask a server to stop; insist after five seconds."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
