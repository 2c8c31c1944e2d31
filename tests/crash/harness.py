"""Processes that ingest, and what kills them; run as ``python -m tests.crash.harness``, apart from pytest.

A process of its own, without threads, can fork a child for each ingest, so that many die in little time.
"""

import asyncio
import contextlib
import importlib
import json
import os
import pkgutil
import random
import re
import select
import signal
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from episodic import cli
from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.domain import DELETED
from episodic.canonical.jobs import JobStatus
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.storage.store import open_store
from episodic.canonical.tei.checking import read_to_check
from episodic.canonical.verification import Verifier
from tests.canonical.ingesting import TALK, request, service, source

EPISODES = 10


@dataclass(frozen=True)
class Wanted:
    """A request: one of several states of the sources of one episode."""

    episode: str
    state: int

    def request(self) -> IngestionRequest:
        text = TALK.format(f"of {self.episode}, state {self.state}") * 100
        # The second source is the same for all: contents are shared.
        return request(
            source("talk.txt", text), source("notes.md", "# Notes\n\nAll of them."), episode=self.episode
        )


def wanted(count: int) -> list[Wanted]:
    return [Wanted(f"e{n % EPISODES}", n // EPISODES) for n in range(count)]


async def ingest(url: str, wanted: IngestionRequest) -> int:
    async with open_store(url) as store:
        return (await service(store).ingest_multi_source(wanted)).revision.number


def child(run: Callable[[], str], *, linger: float = 0) -> tuple[int, int]:
    """Run something in a process of its own; its id, and the pipe on which it says what came out."""
    reading, writing = os.pipe()
    if pid := os.fork():
        os.close(writing)
        return pid, reading
    try:
        os.close(reading)
        os.write(writing, run().encode())
        os.close(writing)
        time.sleep(linger)
    except Exception:  # noqa: BLE001  # a child must not go on as its parent
        traceback.print_exc()
    finally:
        os._exit(0)


def answer(reading: int) -> str:
    with os.fdopen(reading) as pipe:
        return pipe.read()


# --- kills -----------------------------------------------------------------------------------------


def kill(url: str, count: int, seed: int) -> dict[str, object]:
    """Kill so many ingests at random moments; then look at what they left, and ask for them again."""
    chance = random.Random(seed)
    requests = wanted(count)
    # Once here, so that what is loaded on the way is not loaded again in every child.
    asyncio.run(ingest(url, Wanted("timing", -1).request()))
    usual = statistics.median(_time(url, Wanted("timing", n)) for n in range(5))
    promised: set[Wanted] = set()
    for number, each in enumerate(requests):
        run = partial(_ingest_and_say, url, each)
        pid, pipe = child(run, linger=60)
        # Most of the time is composing; half of the kills aim at the end, where the commit is, and some come
        # right after the promise, however slow the machine has become.
        moment = chance.uniform(0, 1) if chance.random() < 0.5 else chance.uniform(0.7, 1.3)
        select.select([pipe], [], [], None if number % 6 == 5 else moment * usual)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if answer(pipe):
            promised.add(each)
    left = asyncio.run(_left(url, promised))
    again = [asyncio.run(ingest(url, each.request())) for each in requests]
    return {
        "killed": len(requests),
        "promised": len(promised),
        **left,
        "completed again": len(again),
        **asyncio.run(_end(url, requests)),
    }


def _time(url: str, each: Wanted) -> float:
    start = time.perf_counter()
    pid, pipe = child(partial(_ingest_and_say, url, each))
    assert answer(pipe)
    taken = time.perf_counter() - start
    os.waitpid(pid, 0)
    return taken


def _ingest_and_say(url: str, each: Wanted) -> str:
    return str(asyncio.run(ingest(url, each.request())))


async def _left(url: str, promised: set[Wanted]) -> dict[str, object]:
    """Look at what is there after the kills, before anything is mended."""
    async with open_store(url) as store:
        faults = [str(fault) async for fault in Verifier(store, SourceNormalizer(), read_to_check).faults()]
        lost: list[str] = []
        kept = 0
        async with store.begin(read_only=True) as work:
            for episode in await work.episodes.list():
                kept += await work.revisions.newest_number(episode.id)
            for each in promised:
                episode = await work.episodes.get("lantern-hour", each.episode)
                numbers = range(1, 1 + (await work.revisions.newest_number(episode.id) if episode else 0))
                texts = [(await work.revisions.get(episode.id, n)) for n in numbers] if episode else []
                if not any(text and f"state {each.state}".encode() in text.tei for text in texts):
                    lost.append(str(each))
            running = len(await work.jobs.running())
    return {"faults": faults, "lost": lost, "revisions left": kept, "jobs left running": running}


async def _end(url: str, requests: Sequence[Wanted]) -> dict[str, object]:
    """Look at what is there when every request has been asked for to its end.

    Every state of an episode has a revision, and no revision is like the one before it. A state may come
    back after another, as the next revision.
    """
    states: dict[str, set[int]] = {}
    for each in requests:
        states.setdefault(each.episode, set()).add(each.state)
    wrong: list[str] = []
    revisions = 0
    async with open_store(url) as store:
        faults = [str(fault) async for fault in Verifier(store, SourceNormalizer(), read_to_check).faults()]
        async with store.begin(read_only=True) as work:
            for slug, wanted_states in states.items():
                episode = await work.episodes.get("lantern-hour", slug)
                assert episode
                made: list[int] = []
                for number in range(1, await work.revisions.newest_number(episode.id) + 1):
                    revision = await work.revisions.get(episode.id, number)
                    found = re.search(rb"state (\d+)", revision.tei) if revision else None
                    made.append(int(found[1]) if found else -1)
                if set(made) != wanted_states or any(one == other for one, other in pairwise(made)):
                    wrong.append(f"{slug} has revisions of the states {made}, of {wanted_states}")
                revisions += len(made)
            jobs = await work.jobs.list(limit=None)
    by_status = {str(status): sum(job.status is status for job in jobs) for status in JobStatus}
    return {
        "faults at the end": faults,
        "revisions": revisions,
        "wrong at the end": wrong,
        "jobs": {status: number for status, number in by_status.items() if number},
    }


# --- commands --------------------------------------------------------------------------------------


@dataclass
class Desk:
    """What commands are called with: files in a folder, and one of the episodes that there are."""

    url: str
    folder: Path
    chance: random.Random

    def ingest(self, episode: str) -> None:
        """Have an episode of three revisions, no line of which is like another."""
        for state in range(3):
            lines = (f"Ada: Welcome{n} to the light{n}, state {state}.\nBab: Yes{n}.\n" for n in range(100))
            sources = source("talk.txt", "".join(lines)), source("notes.md", "# Notes\n\nAll of them.")
            asyncio.run(ingest(self.url, request(*sources, episode=episode)))

    def command(self, name: str, number: int) -> list[str]:
        """What is called."""
        # Of an episode from before, the words may have been forgotten.
        if is_new := name in {"apply", "forget"}:
            self.ingest(f"e{number}")
        revisions = asyncio.run(_revisions(self.url))
        episode = self.chance.choice(sorted(each for each in revisions if revisions[each] > 1))
        if is_new:
            episode = f"lantern-hour/e{number}"
        match name:
            case "apply":
                text = self.folder / "corrected.md"
                shown = called(["show", episode, "--format", "text", "--output", str(text)])
                assert shown.code == 0, shown.said
                text.write_text(re.sub(r"Welcome(?=\d)", f"Hello{number}to", text.read_text()))
                return ["apply", episode, str(text)]
            case "edit":
                os.environ["EDITOR"] = f"sed -i s/light/lamp{number}x/"
                return ["edit", episode]
            case "forget":
                return ["forget", episode, "talk.txt", "--yes"]
            case "prune":
                return ["db", "prune", "--keep", "2", "--yes"]
            case "publish":
                return ["publish", episode, str(self.folder / "out" / episode.replace("/", "-"))]
            case "restore":
                return ["restore", episode, "--revision", str(revisions[episode] - 1)]
            case "rename":
                return ["rename", episode, f"renamed-{number}"]
            case "delete":
                return ["delete", episode, "--yes"]
            case "submit":
                place = self.folder / f"talk-{number}.txt"
                place.write_text(TALK.format(f"submitted, state {number}") * 20)
                return ["submit", str(place), "--series", "lantern-hour", "--episode", f"sent-{number}"]
            case "worker":
                return ["worker", "--until-empty", "--workers", "1"]
            case _:
                return ["db", "backup", str(self.folder / f"backup-{number}.sqlite3")]


COMMANDS = (
    "apply", "edit", "restore", "forget", "prune", "publish", "rename", "delete", "submit", "worker",
    "backup",
)  # fmt: skip


class Called(NamedTuple):
    """What became of a command, and what it said."""

    code: int
    said: str


def called(arguments: Sequence[str], until: float | None = None) -> Called:
    """Call a command in a process of its own, and kill it after so many seconds; -1: it was killed."""
    with tempfile.TemporaryFile() as said:

        def run() -> str:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            os.dup2(said.fileno(), 2)
            return str(cli.main([*arguments]))

        pid, pipe = child(run)
        select.select([pipe], [], [], until)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        code = answer(pipe)
        said.seek(0)
        return Called(int(code or -1), said.read().decode())


async def _revisions(url: str) -> dict[str, int]:
    """The newest revision of each episode."""
    async with open_store(url) as store, store.begin(read_only=True) as work:
        standing = [each for each in await work.episodes.list() if DELETED not in each.slug]
        return {each.name: await work.revisions.newest_number(each.id) for each in standing}


async def _faults(url: str) -> list[str]:
    async with open_store(url) as store:
        broken = [*await store.broken()]
        return [*broken, *[str(f) async for f in Verifier(store, SourceNormalizer(), read_to_check).faults()]]


def commands(url: str, count: int, seed: int) -> dict[str, object]:
    """Kill commands that change what is there at random moments; each is then called to its end."""
    for module in pkgutil.walk_packages(cli.__path__, "episodic.cli."):  # once here, and not in every child
        importlib.import_module(module.name)
    os.environ["EPISODIC_DATABASE_URL"] = url
    os.environ["CRASH_TEST_MARK"] = mark = f"{os.getpid()}-{seed}"
    faults: list[str] = []
    failed: list[str] = []
    usual: dict[str, float] = {}
    killed = 0
    did: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        desk = Desk(url, Path(folder), random.Random(seed))
        for number in range(count):
            name = COMMANDS[number % len(COMMANDS)]
            command = desk.command(name, number)
            begun = time.perf_counter()
            first = called(command, usual[name] * desk.chance.uniform(0, 1) if name in usual else None)
            usual.setdefault(name, time.perf_counter() - begun)
            faults += [f"after {' '.join(command)}: {fault}" for fault in asyncio.run(_faults(url))]
            again = called(command) if first.code < 0 else first
            killed += first.code < 0
            if again.code == 0:
                did.add(name)
            # What was done before it was killed is refused in a line when it is asked for again.
            elif "Traceback" in again.said or again.code < 0 or first.code >= 0:
                failed.append(f"{' '.join(command)}: {again.code} {again.said}")
            if name in {"rename", "delete"} and command[1] in asyncio.run(_revisions(url)):
                failed.append(f"{' '.join(command)}: it is there all the same")
        return {
            "killed": killed,
            "did": sorted(did),
            "faults": [*faults, *asyncio.run(_faults(url))],
            "failed": failed,
            "orphans": _orphans(mark),
            "drafts": [str(path) for path in desk.folder.rglob("*.unfinished-*")],
        }


def _orphans(mark: str) -> list[str]:
    """Processes that still run with our environment, once they had the time to end."""
    until = time.monotonic() + 30
    while True:
        found: list[str] = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if place.name != str(os.getpid()) and mark.encode() in (place / "environ").read_bytes():
                    found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.1)


# --- contention ------------------------------------------------------------------------------------


def contend(url: str, processes: int, count: int, seed: int) -> dict[str, object]:
    """Let several processes ingest the same episodes at once, each in an order of its own."""
    requests = [each for _ in range(4) for each in wanted(count // 4)]
    random.Random(seed).shuffle(requests)
    start = time.perf_counter()
    children = [child(partial(_ingest_share, url, requests[n::processes])) for n in range(processes)]
    answers = [json.loads(answer(pipe) or '{"errors": ["it died"]}') for _, pipe in children]
    for pid, _ in children:
        os.waitpid(pid, 0)
    return {
        "ingests": len(requests),
        "seconds": round(time.perf_counter() - start, 1),
        "errors": [error for each in answers for error in each["errors"]],
        "created": sum(each.get("created", 0) for each in answers),
        **asyncio.run(_end(url, requests)),
    }


def _ingest_share(url: str, requests: Sequence[Wanted]) -> str:
    return asyncio.run(_ingest_all(url, requests))


async def _ingest_all(url: str, requests: Sequence[Wanted]) -> str:
    errors: list[str] = []
    created = 0
    async with open_store(url) as store:
        # One for all, as in a batch: each has parsers, whose start takes longer than all else.
        ingesting = service(store)
        for each in requests:
            try:
                created += (await ingesting.ingest_multi_source(each.request())).created
            except Exception as error:  # noqa: BLE001  # whatever it is, the test names it
                errors.append(f"{type(error).__name__}: {error}")
    return json.dumps({"errors": errors, "created": created})


def main(what: str, url: str, *numbers: str) -> None:
    run = {"kill": kill, "commands": commands, "contend": contend}[what]
    print(json.dumps(run(url, *map(int, numbers))))


if __name__ == "__main__":
    main(*sys.argv[1:])
