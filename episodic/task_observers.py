"""Telling observers of tasks: each hears of a start, and of each start exactly one end.

Rules
-----
1. A task is *open* from before its observers hear of its start until they have heard of its end. The end
   comes from the task's callback; from whoever made the task, when it was made done, or not at all; or from
   `Observers.close`, when nobody will wait for it any more.
2. The callback is an `Observation`, which nothing but the task keeps. When it is collected while open, the
   task has been collected, or the loop that would have called it back: the task is lost.
3. A collection may interrupt anything in its thread, also an observer that holds a lock. So the loop that
   runs there tells of a loss found that way, a moment later; where none runs, it is told at once.
4. All observers are told, also when one raises. One that raises is dropped; what interrupts the program goes
   on once the others have heard.
5. All of a task is told in one context: the task's own, or a copy where that is the caller's or in use.
"""

import asyncio
import inspect
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import Context
from time import perf_counter_ns
from typing import Any, Literal

type TaskOutcome = Literal["returned", "raised", "cancelled", "lost"]
type _Hook = tuple[object, Callable[..., object]]  # an observer, and its method


class Observers:
    """The observers of one task factory.

    Parameters
    ----------
    observers
        Whatever has the two methods ``started`` and ``finished``.
    base
        The class whose methods of that name do nothing, and are not called.

    Raises
    ------
    TypeError
        A method is missing, is asynchronous or does not take what it is told.
    """

    def __init__(self, observers: Sequence[object], base: type) -> None:
        self.started = tuple(_hooks(observers, base, "started", "metadata, name"))
        self.finished = tuple(_hooks(observers, base, "finished", "metadata, name, outcome, ns, error"))

    def failed(self, observer: object, failure: BaseException) -> BaseException | None:
        """Drop an observer that raised; what interrupts the program is returned, for when all have heard."""
        if not isinstance(failure, (Exception, asyncio.CancelledError)):
            return failure
        logging.getLogger(__name__).error("%r raised and is dropped", observer, exc_info=failure)
        self.started = tuple(pair for pair in self.started if pair[0] is not observer)
        self.finished = tuple(pair for pair in self.finished if pair[0] is not observer)
        return None

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell that the tasks of a loop that are open are lost."""
        for task in asyncio.all_tasks(loop):
            observation = observation_of(task)
            while observation is not None:
                if observation.observers is self:
                    observation.lose()
                observation = observation.beneath


class Observation:
    """An open task: its metadata, its name and the context in which all is told, the start at once."""

    __slots__ = ("beneath", "context", "created", "name", "observers", "record")

    def __init__(self, observers: Observers, record: dict[str, object], name: str, context: Context) -> None:
        self.observers = observers
        self.record = record
        self.name = name
        self.context = context
        self.beneath: Observation | None = None  # that of a factory of ours beneath
        self.created = perf_counter_ns()  # and 0 once all is told
        interruption = None
        for observer, started in observers.started:
            try:
                context.run(started, record.copy(), name)
            except BaseException as failure:  # noqa: BLE001 # whatever it raises
                interruption = observers.failed(observer, failure) or interruption
        if interruption is not None:  # now that all have heard of the start
            self.fail(interruption, unstarted=True)
            try:
                raise interruption
            finally:
                del interruption

    def watch(self, task: Any) -> None:
        """Tell of the end of `task` when it comes, or now."""
        try:
            if task.done():  # an eager task's awaiter gets the exception before any callback runs
                self.context.run(self.end, task)
            elif self.observers.finished:
                task.episodic_observation = self
                task.add_done_callback(self.end, context=self.context)
            else:
                self.created = 0
        except AttributeError:
            pass  # a foreign factory's future may have no such methods

    def end(self, task: Any, outcome: TaskOutcome | None = None, error: BaseException | None = None) -> None:
        """Tell of the end of `task`, or of another `outcome` than it has; once, in the task's context."""
        created = self.created
        if not created:
            return
        self.created = 0
        ns = perf_counter_ns() - created
        if outcome is None:
            # task.exception() would mark the exception as retrieved, and asyncio would no longer report one
            # that nobody looks at; no public call reads it without.
            error = task._exception  # noqa: SLF001  # as said above
            outcome = "raised" if error is not None else "cancelled" if task.cancelled() else "returned"
        interruption = None
        for observer, finished in self.observers.finished:
            try:
                finished(self.record.copy(), self.name, outcome, ns, error)
            except BaseException as failure:  # noqa: BLE001 # whatever it raises
                interruption = self.observers.failed(observer, failure) or interruption
        if interruption is not None:
            raise interruption

    def fail(self, error: BaseException, *, unstarted: bool) -> None:
        """Tell that the task was not made; or that its eager first step interrupted the program."""
        # Of such a step, asyncio lets these two out, and nothing else.
        raised = isinstance(error, (KeyboardInterrupt, SystemExit)) and not unstarted
        self.context.run(self.end, None, "raised" if raised else "lost", error)

    def lose(self) -> None:
        """Tell that nobody will see the end."""
        self.context.copy().run(self.end, None, "lost")

    def __del__(self) -> None:
        if self.created:
            try:
                asyncio.get_running_loop().call_soon_threadsafe(self.lose)
            except RuntimeError:  # none runs here
                self.lose()


def observation_of(task: object) -> Observation | None:
    """The newest open one of a task."""
    return getattr(task, "episodic_observation", None)


def _hooks(observers: Sequence[object], base: type, name: str, takes: str) -> Iterator[_Hook]:
    for observer in observers:
        hook = getattr(observer, name, None)
        if not callable(hook):
            raise TypeError(f"{observer!r} is no task observer: it has no method {name}({takes})")
        if getattr(hook, "__func__", None) is getattr(base, name):
            continue
        for function in (hook, getattr(hook, "__call__", None)):  # noqa: B004 # it is looked at, not called
            if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
                raise TypeError(
                    f"{name} of the task observer {observer!r} must not be async: nobody awaits it"
                )
        with suppress(ValueError):  # some builtins do not tell what they take
            try:
                inspect.signature(hook).bind(*takes.split(", "))
            except TypeError as error:
                raise TypeError(
                    f"{name} of the task observer {observer!r} must take {takes}: {error}"
                ) from None
        yield observer, hook
