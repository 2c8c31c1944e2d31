from pathlib import Path

import pytest

from episodic.cli import main
from episodic.observability.progress import Progress
from tests.cli.program import Finished, Run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """The program, with a database of its own."""
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{tmp_path}/db/episodic.sqlite3")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # What takes longer than five seconds says how far it is: here a matter of the machine's load.
    defaults = Progress.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "interval", 3600)

    def run(*arguments: str) -> Finished:
        code = main([*arguments])
        out, err = capfdbinary.readouterr()
        assert b"Traceback" not in err
        return Finished(code, out.decode(), err.decode())

    return run
