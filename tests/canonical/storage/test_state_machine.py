"""Ingest, repeat, change, verify, back up and restore in any order: both kinds of stores agree."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from episodic.canonical.domain import Revision
from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.ports import Store
from episodic.canonical.storage.backup import backup, restore
from episodic.canonical.storage.store import open_store
from episodic.canonical.tei.checking import read_to_check
from episodic.canonical.verification import Verifier
from tests.canonical.ingesting import TALK, request, service, source
from tests.postgresql import Server

EPISODES = ("first-light", "second-wind")
STATES = ("good", "bright", "")


class Stores(RuleBasedStateMachine):
    """The same is done to all stores, and to a model: by episode, the states it went through, in order."""

    server: Server
    parent: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(dir=self.parent))
        self.backups: list[tuple[Path, dict[str, list[str]]]] = []
        self.files = 0
        self.model: dict[str, list[str]] = {}
        self.stores: Sequence[Store] = ()

    def new_stores(self) -> list[Store]:
        self.files += 1
        return [
            open_store(self.folder / f"{self.files}.sqlite3"),
            open_store(self.server.database()),
        ]

    @initialize()
    def start(self) -> None:
        self.stores = self.new_stores()

    @rule(episode=st.sampled_from(EPISODES), state=st.sampled_from(STATES))
    def ingest(self, episode: str, state: str) -> None:
        """Ingest one state of an episode's sources; the empty one cannot be read."""
        known = self.model.get(episode, [])
        for store in self.stores:
            text = f"{TALK.format(state)}Ada: {episode}.\n" if state else ""
            ingesting = service(store).ingest_multi_source(request(source("a.txt", text), episode=episode))
            if not state:
                with pytest.raises(SourceError):
                    self.runner.run(ingesting)
                continue
            outcome = self.runner.run(ingesting)
            assert outcome.created == (known[-1:] != [state])
            assert outcome.revision.number == len(known) + outcome.created
        if state and known[-1:] != [state]:
            self.model[episode] = [*known, state]

    @rule()
    def verify(self) -> None:
        for store in self.stores:
            assert self.runner.run(self._faults(store)) == []

    async def _faults(self, store: Store) -> list[str]:
        return [str(fault) async for fault in Verifier(store, SourceNormalizer(), read_to_check).faults()]

    @rule(which=st.integers(0, 1))
    def back_up(self, which: int) -> None:
        file = self.folder / f"backup{len(self.backups)}"
        self.runner.run(backup(self.stores[which], file))
        self.backups.append((file, dict(self.model)))

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """Go back to any backup, whatever store it was made of, in every store."""
        if not self.backups:
            return
        file, model = data.draw(st.sampled_from(self.backups), label="backup")
        stores = self.new_stores()
        for store in stores:
            self.runner.run(restore(file, store))
        self.close()
        self.stores, self.model = stores, dict(model)

    @invariant()
    def all_stores_have_what_the_model_says(self) -> None:
        for store in self.stores:
            found = self.runner.run(self._titles(store))
            assert found == self.model

    async def _titles(self, store: Store) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        async with store.begin(read_only=True) as work:
            for episode in await work.episodes.list():
                for number in range(1, await work.revisions.newest_number(episode.id) + 1):
                    revision = await work.revisions.get(episode.id, number)
                    assert revision
                    found.setdefault(episode.slug, []).append(_state(revision))
            assert await work.jobs.running() == []
        return found

    def close(self) -> None:
        for store in self.stores:
            self.runner.run(store.close())

    def teardown(self) -> None:
        self.close()
        self.runner.close()


def _state(revision: Revision) -> str:
    (state,) = (state for state in STATES if state and f"light is {state}".encode() in revision.tei)
    return state


def test_all_stores_agree_whatever_is_done(postgresql: Server, tmp_path: Path) -> None:
    class OnThisServer(Stores):
        server = postgresql
        parent = tmp_path

    run_state_machine_as_test(
        OnThisServer,
        settings=settings(
            max_examples=8,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
