"""`episodic doctor`: what this Episodic runs on, and which walls stand around the processes that parse."""

import importlib.metadata
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import episodic
from episodic import settings
from episodic.canonical.errors import EpisodicError
from episodic.cli.exits import DONE, FAILED
from episodic.cli.options import Json
from episodic.cli.output import print_json, say


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked at.

    Parameters
    ----------
    what, found
        A name, and what it is.
    well
        Whether all of Episodic works with it.
    """

    what: str
    found: str
    well: bool = True


def doctor(*, json: Json = False) -> int:
    """Say what Episodic runs on, and whether all is well; exit code 1 when something does not work.

    A wall that this kernel does not have is said, and is no fault: the others stand.
    """
    options = settings.load()
    found: Mapping[str, Sequence[Finding]] = {
        "environment": _environment(),
        "database": [_database(options)],
        "parsers": _walls(options),
        "libraries": _libraries(),
        "settings": _settings(options),
    }
    if json:
        print_json(found)
    else:
        _report(found)
    return DONE if all(each.well for findings in found.values() for each in findings) else FAILED


def _report(found: Mapping[str, Sequence[Finding]]) -> None:
    width = max(len(each.what) for findings in found.values() for each in findings)
    for number, (title, findings) in enumerate(found.items()):
        if number:
            say()
        say(title)
        for each in findings:
            say(f"  {each.what:{width}}  {'' if each.well else 'FAULT: '}{each.found}")


def _environment() -> list[Finding]:
    return [
        Finding("episodic", episodic.__version__),
        Finding("python", f"{platform.python_version()} ({sys.executable})"),
        Finding("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
    ]


def _database(options: settings.Settings) -> Finding:
    from episodic.canonical.storage import schema
    from episodic.canonical.storage.database import Database

    try:
        database = Database(options.store_url)
        version = schema.current(database)
        if version is None and database.file and not database.file.exists():
            return Finding("place", f"{database.name}, which the first ingest makes")
        schema.check(database)
    except EpisodicError as error:
        return Finding("place", str(error), well=False)
    return Finding("place", f"{database.name}, at schema {version}")


def _walls(options: settings.Settings) -> list[Finding]:
    from episodic.canonical.normalizers.isolation.process import standing_walls
    from episodic.canonical.normalizers.isolation.sandbox import SCOPES_SINCE, TCP_SINCE

    try:
        walls = standing_walls(options.limits)
    except EpisodicError as error:
        return [Finding("process", str(error), well=False)]
    return [
        Finding("process", "starts, under hard limits"),
        _wall("ends with its parent", stands=walls.ends_with_parent, needs="Linux"),
        _wall("no capabilities", stands=walls.no_capabilities, needs="Linux"),
        _wall("Landlock", stands=walls.landlock, needs="Linux 5.13, with Landlock switched on"),
        _wall("no TCP", stands=walls.landlock >= TCP_SINCE, needs="Linux 6.7"),
        _wall("no signals to others", stands=walls.landlock >= SCOPES_SINCE, needs="Linux 6.12"),
        _wall("calls filtered", stands=walls.seccomp, needs="Linux with seccomp, on x86_64 or aarch64"),
    ]


def _wall(what: str, *, stands: int, needs: str) -> Finding:
    version = f", version {stands}" if stands > 1 else ""
    return Finding(what, f"stands{version}" if stands else f"is missing; it needs {needs}")


def _libraries() -> list[Finding]:
    """The versions of what this package asks for, as the environment has them."""
    findings: list[Finding] = []
    try:
        requirements = importlib.metadata.requires("episodic") or ()
    except importlib.metadata.PackageNotFoundError:
        return [Finding("episodic", "runs from a folder, not installed; what it needs is not known")]
    # Two extras may ask for the same.
    wanted = {re.split(r"[^\w.-]", each, maxsplit=1)[0]: "extra ==" in each for each in requirements}
    for name, optional in sorted(wanted.items()):
        try:
            findings.append(Finding(name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            missing = "not installed, optional" if optional else "not installed; install Episodic again"
            findings.append(Finding(name, missing, well=optional))
    return findings


def _settings(options: settings.Settings) -> list[Finding]:
    """All but the database, whose place stands above, and whose URL may have a password."""
    usual = settings.Settings()
    findings: list[Finding] = []
    for name in sorted({field.name for field in fields(options)} - {"database_url"}):
        value, default = getattr(options, name), getattr(usual, name)
        instead = "" if value == default else f", instead of {default:,}"
        findings.append(Finding(settings.PREFIX + name.upper(), f"{value:,}{instead}"))
    return findings
