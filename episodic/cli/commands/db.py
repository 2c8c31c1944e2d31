"""`episodic db`: the database's schema, integrity and backups, and what it needs no more."""

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from episodic import settings
from episodic.canonical.domain import DELETED
from episodic.canonical.errors import SettingsError
from episodic.cli.app import OPTIONS
from episodic.cli.exits import DONE, FAILED
from episodic.cli.options import Count, Json, Yes
from episodic.cli.output import plural, print_json, say
from episodic.cli.questions import agreed
from episodic.cli.store import in_store
from episodic.observability.terminal import shown

if TYPE_CHECKING:  # SQLAlchemy loads when a command needs it
    from collections.abc import Callable, Iterator, Sequence

    from episodic.canonical.ports import Store
    from episodic.canonical.pruning import Prunable
    from episodic.canonical.storage.database import Database
    from episodic.canonical.verification import Fault

app = App(name="db", group_parameters=OPTIONS)


@app.command
def upgrade() -> None:
    """Bring the database to the schema that this Episodic needs; a missing SQLite file is made."""
    from episodic.canonical.storage import schema

    database = _database()
    before, after = schema.upgrade(database)
    if before == after:
        print(f"{database.name} is at schema {after} already")
    else:
        print(f"{database.name}: from {f'schema {before}' if before else 'no schema'} to {after}")


@app.command
def current() -> None:
    """Say which schema the database has and which this Episodic needs."""
    from episodic.canonical.storage import schema

    database = _database()
    found = schema.current(database)
    print(f"{database.name} has {f'schema {found}' if found else 'no schema'}; needed is {schema.HEAD}")


@app.command
def check() -> int:
    """Check that the database has the schema that this Episodic needs, down to every column."""
    from episodic.canonical.storage import schema

    database = _database()
    schema.check(database)
    found = schema.differences(database)
    for difference in found:
        print(difference)
    if not found:
        print(f"{database.name} is as it should be, at schema {schema.HEAD}")
    return FAILED if found else DONE


@app.command
def verify(*, schema: Path | None = None, json: Json = False) -> int:
    """Check that everything kept is whole, and name what is not; exit code 1 when something is.

    Contents have their hashes; documents keep our profile of the TEI and their pointers lead somewhere; every
    transcript can be read out of its document as its kept bytes say it; nothing refers to nothing.

    Parameters
    ----------
    schema
        A RELAX NG schema, such as the TEI's tei_all.rng: documents are validated against it as well.
    """
    faults = in_store(lambda store: _verify(store, schema, quiet=json))
    if json:
        print_json(faults)
    elif faults:
        print(f"\n{plural(len(faults), 'fault')}; restore from a backup, or ingest again what is damaged")
    else:
        print(f"{_database().name}: everything is whole")
    return FAILED if faults else DONE


async def _verify(store: Store, schema: Path | None, *, quiet: bool) -> Sequence[Fault]:
    from episodic.canonical.normalizers.normalizer import SourceNormalizer
    from episodic.canonical.tei.checking import read_to_check
    from episodic.canonical.verification import Verifier

    faults: list[Fault] = []
    verifier = Verifier(store, SourceNormalizer(), read_to_check, schema and _validator(schema))
    async for fault in verifier.faults():
        faults.append(fault)
        if not quiet:
            print(shown(str(fault)), flush=True)
    return faults


def _validator(schema: Path) -> Callable[[bytes], Sequence[str]]:
    from episodic.canonical.tei.elements import etree, parse

    try:
        relax_ng = etree.RelaxNG(file=str(schema))
    except etree.LxmlError as error:
        raise SettingsError(f"{schema} is not a RELAX NG schema: {error}") from error

    def invalid(document: bytes) -> Sequence[str]:
        relax_ng.validate(parse(document))
        return [f"line {each.line}: {each.message}" for each in relax_ng.error_log]

    return invalid


@app.command
def backup(file: Path, /) -> None:
    """Write everything into a new file, while ingests may go on.

    The file is a SQLite database, whatever the database is that it comes from.

    Parameters
    ----------
    file
        The file to make.
    """
    from episodic.canonical.storage.backup import backup as write_backup

    in_store(lambda store: write_backup(store, file))
    print(f"{_database().name} is in {file}, {file.stat().st_size:,} bytes")


@app.command
def restore(file: Path, /) -> None:
    """Copy a backup into the database, which must be empty.

    Parameters
    ----------
    file
        What `episodic db backup` wrote.
    """
    from episodic.canonical.storage.backup import restore as read_backup

    in_store(lambda store: read_backup(file, store), make=True)
    print(f"{file} is in {_database().name}")


@app.command
def prune(*, keep: Count | None = None, yes: Yes = False) -> int:
    """Remove for good what is out of the way: deleted episodes, and bytes that no revision uses.

    Parameters
    ----------
    keep
        Remove old revisions too: of each episode, all but so many of the newest.
    """
    return in_store(lambda store: _prune(store, keep, yes=yes))


async def _prune(store: Store, keep: int | None, *, yes: bool) -> int:
    from episodic.canonical.pruning import prunable
    from episodic.canonical.pruning import prune as remove

    async with store.begin(read_only=True) as work:
        found = await prunable(work, DELETED, keep)
    for line in _prunable(found):
        say(line)
    if not found.is_empty and not agreed("Remove this for good?", yes=yes):
        return FAILED
    async with store.begin() as work:
        # Again: somebody may have begun to use some of it.
        await remove(work, await prunable(work, DELETED, keep))
        await work.commit()
    await store.compact()
    say("nothing to remove" if found.is_empty else "removed")
    return DONE


def _prunable(found: Prunable) -> Iterator[str]:
    for episode in found.episodes:
        yield f"{episode.name}, with all its revisions"
    for episode, numbers in found.revisions:
        yield f"{episode.name}, {plural(len(numbers), 'older revision')}: {', '.join(map(str, numbers))}"
    if found.contents:
        yield f"the bytes of {plural(len(found.contents), 'source')} that nothing else uses"


def _database() -> Database:
    from episodic.canonical.storage.database import Database

    return Database(settings.load().store_url)
