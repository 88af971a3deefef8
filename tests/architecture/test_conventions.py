"""What no linter sees: conventions that keep the tree readable."""

import ast
import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from casewright.settings import LaunchSettings
from processes.config import Settings
from webapp.config import WebSettings
from workers.config import WorkerSettings

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "processes", "webapp", "workers", "casewright")
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
_HOLES = re.compile(r"%\(\w+\)s|\{\w+\}")
COMMITS = {"engine/db.py"}
"""The only file that says commit; both edges go through it."""


def tracked(*suffixes):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = [name for name in listed.stdout.splitlines() if name.endswith(suffixes)]
    return [name for name in names if (ROOT / name).exists()]


SOURCES = [name for name in tracked(".py") if name.startswith(PACKAGES)]


def test_no_file_is_longer_than_four_hundred_lines():
    names = tracked(".py", ".js", ".css", ".html", ".md")
    long = {name: len((ROOT / name).read_text().splitlines()) for name in names}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_fifty_lines():
    long = []
    for name in SOURCES:
        if "migrations/versions" in name:
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{name}:{node.lineno} {node.name} {lines}")
    assert long == []


def test_transactions_end_in_one_place():
    saying = {name for name in SOURCES if ".commit(" in (ROOT / name).read_text()}
    wrong = {
        name
        for name in saying - COMMITS
        if re.search(r"session\.commit\(", (ROOT / name).read_text())
    }
    assert wrong == set()


def test_no_module_has_a_name_that_says_nothing():
    empty = {"utils", "helpers", "manager", "common", "misc", "base"}
    assert [name for name in SOURCES if Path(name).stem in empty] == []


def documented():
    text = (ROOT / "docs/operations.md").read_text()
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))


def test_every_setting_is_documented_and_every_documented_setting_exists():
    fields = set()
    for model in (LaunchSettings, Settings, WebSettings, WorkerSettings):
        prefix = model.model_config.get("env_prefix", "")
        fields |= {f"{prefix}{name}".upper() for name in model.model_fields}
    assert documented() == fields


def test_every_link_between_the_documents_leads_somewhere():
    links = [
        (name, target)
        for name in tracked(".md")
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text())
    ]
    assert [link for link in links if not (ROOT / link[0]).parent.joinpath(link[1]).exists()] == []


def catalogue_of(language):
    path = ROOT / "webapp/translations" / language / "LC_MESSAGES/messages.po"
    with path.open("rb") as file:
        return list(read_po(file))


@pytest.mark.parametrize("language", ["nl", "de"])
def test_every_text_of_the_product_is_translated(language):
    missing = [
        message.id
        for message in catalogue_of(language)
        if message.id and (message.fuzzy or not all(_texts(message.string)))
    ]
    assert missing == []


def _texts(string):
    return string if isinstance(string, tuple) else (string,)


def extracted():
    """Return every text the code and templates ask a translation for."""
    method, options = parse_mapping_cfg(
        StringIO((ROOT / "webapp/translations/babel.cfg").read_text())
    )
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "Sentence": None}
    found = set()
    for _, _, message, _, _ in extract_from_dir(str(ROOT), method, options, keywords=keywords):
        found.add(message if isinstance(message, str) else tuple(message[:2]))
    return found


@pytest.mark.parametrize("language", ["nl", "de"])
def test_the_catalogues_know_every_text_that_is_asked_for(language):
    known = {
        message.id if isinstance(message.id, str) else tuple(message.id)
        for message in catalogue_of(language)
    }
    assert extracted() - known == set()


@pytest.mark.parametrize("language", ["nl", "de"])
def test_translations_keep_every_placeholder(language):
    broken = [
        message.id
        for message in catalogue_of(language)
        if message.id
        and any(set(_HOLES.findall(text)) - set(_HOLES.findall(str(message.id)))
                for text in _texts(message.string))
    ]  # fmt: skip
    assert broken == []
