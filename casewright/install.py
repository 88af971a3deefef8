"""Installs Casewright into a virtual environment beside the code: `python casewright/install.py`.

Runs on the machine's own Python before anything else exists, so it uses the standard library
only. A stamp remembers what was installed; nothing is done, and no network needed, while it fits.
"""

import argparse
import fcntl
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
EXTRAS = {"run": "assets,demo", "test": "assets,test,check"}
OLDEST = (3, 11)


def main() -> None:
    """Install what running (`run`) or testing (`test`) needs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("level", choices=EXTRAS)
    install(parser.parse_args().level)


def install(level: str) -> None:
    """Bring the virtual environment to `level`; does nothing the second time."""
    if sys.version_info < OLDEST:
        sys.exit(f"Casewright needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    with (ROOT / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits, then does nothing
        _install(level)


def _install(level: str) -> None:
    wanted = fingerprint()
    usable = _usable()
    if usable and any(_stamp(enough).read_text() == wanted for enough in _levels(level)):
        return
    print(f"Installing Python packages to {level} Casewright into {VENV} ...", flush=True)
    if not usable:
        _make_environment()
    _pip("install", "--constraint", str(LOCK), "--editable", f"{ROOT}[{EXTRAS[level]}]")
    _stamp(level).write_text(wanted)


def fingerprint() -> str:
    """Return a hash of everything that decides what gets installed."""
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + LOCK.read_bytes()).hexdigest()


def _levels(level: str) -> list[str]:
    """Return the stamped levels that include `level`."""
    including = ["test"] if level == "test" else ["run", "test"]
    return [name for name in including if _stamp(name).exists()]


def _stamp(level: str) -> Path:
    return VENV / f".casewright-{level}"


def _usable() -> bool:
    """Tell whether an environment stands, was made at this place, and still finds its packages."""
    description = VENV / "pyvenv.cfg"
    if not description.exists() or str(VENV) not in description.read_text():
        return False
    probe = [str(PYTHON), "-c", "import pip"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _make_environment() -> None:
    """Make a fresh virtual environment with pip, also where the system split pip off."""
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    subprocess.run([*command, "--without-pip"], check=True)
    _fetch_pip()


def _fetch_pip() -> None:
    """Fetch pip from PyPI by its published hash and let it install itself."""
    with urlopen("https://pypi.org/pypi/pip/json", timeout=60) as answer:
        files = json.load(answer)["urls"]
    wheel = next(file for file in files if file["filename"].endswith(".whl"))
    with urlopen(wheel["url"], timeout=60) as answer:  # noqa: S310 - checked by its hash below
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        sys.exit("The pip that PyPI sent does not have the published hash.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / wheel["filename"]
        path.write_bytes(content)
        subprocess.run([str(PYTHON), f"{path}/pip", "install", "--quiet", str(path)], check=True)


def _pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments, "-qq"]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit("Installing failed; the lines above say why. Run the same command again.")


if __name__ == "__main__":
    main()
