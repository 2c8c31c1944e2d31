"""Installed from its wheel, without a clone, the program does its main job."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "docs" / "examples" / "first-light"


def done(*command: str | Path, cwd: Path, env: dict[str, str]) -> str:
    ran = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=cwd, env=env, stdin=subprocess.DEVNULL
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with an empty environment in it, into which the wheel is installed."""
    folder = tmp_path_factory.mktemp("installed")
    uv = shutil.which("uv") or ROOT / ".tools" / "bin" / "uv"
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "EPISODIC_"))}
    env |= {"XDG_DATA_HOME": str(folder / "data"), "COLUMNS": "120", "UV_COMPILE_BYTECODE": "0"}
    env.pop("VIRTUAL_ENV", None)
    python = folder / "venv" / "bin" / "python"
    pip = (uv, "pip", "install", "--quiet", "--python", python)
    done(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT, env=env)
    done(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder, env=env)
    done(*pip, "--require-hashes", "-r", ROOT / ".ci" / "requirements.txt", cwd=folder, env=env)
    done(*pip, "--no-deps", *folder.glob("*.whl"), cwd=folder, env=env)
    return folder, env


def test_the_wheel_ingests_the_sample_and_makes_its_page(installed: tuple[Path, dict[str, str]]) -> None:
    folder, env = installed
    episodic = folder / "venv" / "bin" / "episodic"
    series = ("--series", "lantern-hour", "--episode", "first-light")
    assert "revision 1 (new)" in done(episodic, "ingest", SAMPLE, *series, cwd=folder, env=env)
    page = done(episodic, "show", "lantern-hour/first-light", "--format", "html", cwd=folder, env=env)
    assert "<style>" in page
    assert "<script>" in page
    assert "everything is whole" in done(episodic, "db", "verify", cwd=folder, env=env)


def test_nothing_of_it_comes_from_the_clone(installed: tuple[Path, dict[str, str]]) -> None:
    folder, env = installed
    python = folder / "venv" / "bin" / "python"
    found = done(python, "-c", "import episodic; print(episodic.__file__)", cwd=folder, env=env)
    assert Path(found.strip()).is_relative_to(folder)
