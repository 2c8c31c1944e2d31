"""Any interleaving gives the same results with and without metadata, and leaves nothing behind."""

import asyncio
import gc
import sys
import warnings
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodic.asyncio_tasks import (
    MetadataTaskFactory,
    TaskMetadata,
    TaskObserver,
    TaskOutcome,
    create_task,
    install_task_factory,
    task_metadata,
)


@dataclass(frozen=True)
class Plan:
    """What a task does, in order: yield, spawn, install or uninstall a factory; and how it ends."""

    steps: tuple[Any, ...]
    ends: str  # "return", "raise", "wait"
    eager: bool | None
    metadata: TaskMetadata | None
    cancel_after: int | None = None  # its parent cancels it after so many yields


metadata = st.fixed_dictionaries(
    {},
    optional={
        "operation_name": st.sampled_from(["a", "b.c"]),
        "correlation_id": st.sampled_from(["1", "ü"]),
        "priority_hint": st.integers(-5, 5),
    },
)


def plans(children: st.SearchStrategy[Plan]) -> st.SearchStrategy[Plan]:
    return st.builds(
        Plan,
        steps=st.lists(st.sampled_from(["yield", "install", "uninstall"]) | children, max_size=5).map(tuple),
        ends=st.sampled_from(["return", "raise", "wait"]),
        eager=st.sampled_from([None, True, False]),
        metadata=st.none() | metadata,
        cancel_after=st.none() | st.integers(0, 2),
    )


any_plan = st.recursive(plans(st.nothing()), plans, max_leaves=12)


class Watcher(TaskObserver):
    def __init__(self) -> None:
        self.open = 0

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        self.open += 1

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        self.open -= 1


@dataclass
class Performance:
    """One run of a plan: with our metadata and factories, or as plain asyncio would."""

    ours: bool
    watcher: Watcher = field(default_factory=Watcher)
    installed: list[MetadataTaskFactory] = field(default_factory=list[MetadataTaskFactory])
    log: list[str] = field(default_factory=list[str])

    async def perform(self, plan: Plan, path: str) -> str:
        children: list[asyncio.Task[str]] = []
        try:
            for index, step in enumerate(plan.steps):
                self.log.append(f"{path} {index}")
                match step:
                    case "yield":
                        await asyncio.sleep(0)
                    case "install":
                        if self.ours:
                            loop = asyncio.get_running_loop()
                            self.installed.append(install_task_factory(loop, self.watcher))
                    case "uninstall":
                        if self.ours and self.installed:
                            self.installed.pop(len(path) % len(self.installed)).uninstall()
                    case child:
                        children.append(self.spawn(child, f"{path}/{index}"))
                        if child.cancel_after is not None:
                            for _ in range(child.cancel_after):
                                await asyncio.sleep(0)
                            children[-1].cancel()
        except asyncio.CancelledError:
            for child in children:
                child.cancel()
            raise
        finally:
            results = await asyncio.gather(*children, return_exceptions=True)
        told = ", ".join(f"{type(result).__name__}:{result}" for result in results)
        if plan.ends == "raise":
            raise LookupError(f"{path}({told})")
        if plan.ends == "wait" and plan.cancel_after is not None:
            await asyncio.Event().wait()
        return f"{path}({told})"

    def spawn(self, plan: Plan, path: str) -> asyncio.Task[str]:
        work = self.perform(plan, path)
        if not self.ours:
            return asyncio.create_task(work, name=path, eager_start=plan.eager)
        task = create_task(work, name=path, eager_start=plan.eager, metadata=plan.metadata)
        own = task_metadata(task)
        assert (own or {}).items() >= (plan.metadata or {}).items()
        assert task.get_name() == path
        return task

    async def main(self, plan: Plan) -> tuple[list[str], str]:
        task = self.spawn(plan, "root")
        if plan.cancel_after is not None:
            await asyncio.sleep(0)
            task.cancel()
        [result] = await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return self.log, f"{type(result).__name__}:{result}"


@settings(deadline=None, max_examples=150)
@given(any_plan)
def test_any_interleaving_is_the_same_with_and_without_metadata(plan: Plan) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ours, plain = Performance(ours=True), Performance(ours=False)
        assert asyncio.run(ours.main(plan)) == asyncio.run(plain.main(plan))
    assert [str(w.message) for w in caught] == []
    assert ours.watcher.open == 0


async def work() -> int:
    await asyncio.sleep(0)
    return 1


@pytest.mark.parametrize("observers", [(), (Watcher(),)], ids=["no observer", "observer"])
async def test_no_growth_after_100_000_tasks(observers: tuple[TaskObserver, ...]) -> None:
    async def blocks_after(batches: int) -> int:
        for _ in range(batches):
            tasks = (create_task(work(), metadata={"priority_hint": 1}) for _ in range(100))
            await asyncio.gather(*tasks)
        await asyncio.sleep(0)
        gc.collect()
        return sys.getallocatedblocks()

    with install_task_factory(asyncio.get_running_loop(), *observers):
        before = await blocks_after(10)
        after = await blocks_after(1000)
    assert after < before + 10_000  # a block of each would be 99,000; what else runs in the process has some
    assert asyncio.all_tasks() == {asyncio.current_task()}
