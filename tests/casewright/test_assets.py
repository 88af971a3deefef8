"""The bundle is built from its sources, once, and a failed build leaves the old one."""

import gzip
import json

import pytest

from casewright import assets
from casewright.node import NodeFailedError


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A project of one script and one style, with the packages of the real one."""
    for kind in ("js", "css"):
        (tmp_path / "sources" / kind).mkdir(parents=True)
    (tmp_path / "sources/js/app.js").write_text("import './parts.js'; console.log('app')")
    (tmp_path / "sources/js/parts.js").write_text("console.log('a part')")
    (tmp_path / "sources/css/app.css").write_text("body { color: red }")
    for path in assets.PACKAGE_FILES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(
        assets, "PACKAGE_FILES", tuple(tmp_path / path.name for path in assets.PACKAGE_FILES)
    )
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    monkeypatch.setattr(assets, "SOURCES", tmp_path / "sources")
    monkeypatch.setattr(assets, "DIST", tmp_path / "dist")
    monkeypatch.setattr(assets, "_fetch_packages", lambda _node: None)
    return tmp_path


def test_entries_get_hashed_names_in_the_manifest_and_compressed_copies(workshop):
    assets.build()
    manifest = json.loads((workshop / "dist/manifest.json").read_text())
    assert set(manifest) == {"app.js", "app.css"}
    script = workshop / "dist" / manifest["app.js"]
    assert "a part" in script.read_text()
    squeezed = script.with_name(f"{script.name}.gz").read_bytes()
    assert gzip.decompress(squeezed) == script.read_bytes()


def test_nothing_is_done_while_the_sources_are_the_same(workshop, monkeypatch):
    assets.build()
    monkeypatch.setattr(assets, "find_node", lambda: pytest.fail("built again"))
    assets.build()


def test_a_failed_build_says_why_and_leaves_the_old_bundle(workshop):
    assets.build()
    before = (workshop / "dist/manifest.json").read_text()
    (workshop / "sources/js/app.js").write_text("import './nowhere.js'")
    with pytest.raises(NodeFailedError, match=r"nowhere\.js"):
        assets.build()
    assert (workshop / "dist/manifest.json").read_text() == before


def test_catalogues_are_compiled_when_they_are_newer(tmp_path, monkeypatch):
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Case"\nmsgstr "Zaak"\n')
    monkeypatch.setattr(assets, "TRANSLATIONS", tmp_path)
    assets.compile_translations()
    compiled = folder / "messages.mo"
    assert b"Zaak" in compiled.read_bytes()
    first = compiled.stat().st_mtime_ns
    assets.compile_translations()
    assert compiled.stat().st_mtime_ns == first
