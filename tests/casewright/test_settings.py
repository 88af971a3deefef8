"""What the command settles before it starts anything."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.settings import LaunchSettings, MissingKeyError


def _settings(folder: Path, **more) -> LaunchSettings:
    return LaunchSettings(data_dir=folder / "data", secret_key=SecretStr(""), **more)


def test_a_demo_makes_its_key_once_for_its_owner_only(tmp_path):
    settings = _settings(tmp_path, casewright_demo=True)
    key = settings.environment()["SECRET_KEY"]
    assert len(key) >= 64
    assert settings.environment()["SECRET_KEY"] == key
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_production_must_set_its_key(tmp_path):
    with pytest.raises(MissingKeyError):
        _settings(tmp_path, casewright_demo=False).environment()


def test_parts_are_told_the_demo_and_the_absolute_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = LaunchSettings(
        data_dir=Path("data"), secret_key=SecretStr("k" * 64), public_url="https://help.example/"
    )
    told = settings.environment()
    assert told["DATA_DIR"] == str(tmp_path / "data")
    assert (told["DEMO"], told["PUBLIC_URL"]) == ("0", "https://help.example")
    assert not (tmp_path / "data" / "secret_key").exists()


@pytest.mark.parametrize(("host", "near"), [("::", "127.0.0.1"), ("10.1.2.3", "10.1.2.3")])
def test_the_own_machine_reaches_the_web_however_it_listens(tmp_path, host, near):
    assert _settings(tmp_path, host=host).near == near
