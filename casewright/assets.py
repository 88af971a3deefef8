"""Builds what browsers fetch: `python -m casewright.assets`.

Each entry (`app`, `diagram`, ...) found in `webapp/assets/js` and `webapp/assets/css` becomes a
file with its hash in its name in `webapp/static/dist`; `manifest.json` there maps one to the
other. Catalogues of translations are compiled too. Nothing is done while the sources are the ones
last built.
"""

import argparse
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from casewright.node import Node, NodeFailedError, NodeMissingError, find_node

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "webapp" / "assets"
DIST = ROOT / "webapp" / "static" / "dist"
TRANSLATIONS = ROOT / "webapp" / "translations"
MODULES = ROOT / "node_modules"
PACKAGE_FILES = (ROOT / "package.json", ROOT / "package-lock.json")
STAMP = ".stamp"

ENTRIES = ("app", "diagram", "designer")
"""What pages may ask for; everything else is a part of one of these."""
SQUEEZED = {".js", ".css", ".svg", ".txt"}


def main() -> None:
    """Build the bundle and compile the translations, where their sources changed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--strict", action="store_true", help="a failed build is an error")
    parser.add_argument("--lock", action="store_true", help="renew package-lock.json, no build")
    chosen = parser.parse_args()
    with (ROOT / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one build at a time
        compile_translations()
        try:
            renew_lock() if chosen.lock else build()
        except (NodeFailedError, NodeMissingError) as error:
            print(f"Scripts and styles were not built: {error}", file=sys.stderr)
            print("Pages work without them; `make assets` tries again.", file=sys.stderr)
            sys.exit(1 if chosen.strict else 0)


def build() -> None:
    """Bring `webapp/static/dist` up to date, or leave what stood there as it was."""
    candidates = (SOURCES / kind / f"{name}.{kind}" for name in ENTRIES for kind in ("js", "css"))
    entries = [path for path in candidates if path.exists()]
    wanted = fingerprint(*PACKAGE_FILES, *_files(SOURCES), Path(__file__))
    stamp = DIST / STAMP
    if not entries or (stamp.exists() and stamp.read_text() == wanted):
        return
    print("Building scripts and styles ...", flush=True)
    node = find_node()
    _fetch_packages(node)
    fresh = DIST.with_name("dist.new")
    shutil.rmtree(fresh, ignore_errors=True)
    manifest = _bundle(node, entries, fresh)
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
    _squeeze(fresh)
    (fresh / STAMP).write_text(wanted)
    _swap(fresh)


def compile_translations() -> None:
    """Compile each catalogue that is newer than its compiled form."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name)
        fresh = target.with_suffix(".mo.new")
        with fresh.open("wb") as binary:
            write_mo(binary, catalogue)
        fresh.replace(target)


def renew_lock() -> None:
    """Write package-lock.json anew from package.json."""
    find_node().install("install", "--package-lock-only", folder=ROOT)


def fingerprint(*files: Path) -> str:
    """Return a hash over names and contents."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{os.path.relpath(path, ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _fetch_packages(node: Node) -> None:
    """Install the locked npm packages unless they are there; runs none of their scripts."""
    wanted = fingerprint(*PACKAGE_FILES)
    stamp = MODULES / STAMP
    if stamp.exists() and stamp.read_text() == wanted:
        return
    node.install("ci", folder=ROOT)
    stamp.write_text(wanted)


def _bundle(node: Node, entries: list[Path], target: Path) -> dict[str, str]:
    """Run esbuild into `target`; return source name to hashed name."""
    report = target / "meta.json"
    options = [
        "--bundle",
        "--splitting",
        "--format=esm",
        "--minify",
        "--target=es2022",
        "--loader:.woff2=file",
        "--loader:.bpmn=text",
        "--legal-comments=linked",
        "--entry-names=[name]-[hash]",
        "--chunk-names=part-[hash]",
        "--asset-names=[name]-[hash]",
        "--log-level=warning",
        f"--outdir={target}",
        f"--metafile={report}",
    ]
    program = MODULES / "esbuild" / "bin" / "esbuild"
    sources = [str(path.relative_to(ROOT)) for path in entries]
    warnings = node.run(str(program), *sources, *options, folder=ROOT)
    if warnings.strip():
        print(warnings.strip(), file=sys.stderr)
    outputs = json.loads(report.read_text())["outputs"]
    report.unlink()
    return {
        Path(facts["entryPoint"]).name: Path(name).name
        for name, facts in outputs.items()
        if facts.get("entryPoint") in sources
    }


def _squeeze(folder: Path) -> None:
    """Lay a .gz beside each text file, so that no request has to compress."""
    for path in _files(folder):
        if path.suffix in SQUEEZED:
            small = gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
            path.with_name(f"{path.name}.gz").write_bytes(small)


def _swap(fresh: Path) -> None:
    """Put the new folder in the place of the old one; a failed build never gets here."""
    old = DIST.with_name("dist.old")
    shutil.rmtree(old, ignore_errors=True)
    if DIST.exists():
        DIST.rename(old)
    fresh.rename(DIST)
    shutil.rmtree(old, ignore_errors=True)


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(path for path in folder.rglob("*") if path.is_file()))


if __name__ == "__main__":
    main()
