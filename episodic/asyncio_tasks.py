"""Task metadata: a name, an operation, a correlation id and a priority hint for asyncio tasks.

The context is the carrier, the keyword is the notification. A context variable is set by token while a task
is made; the task copies it, and eager first steps, children, threads, other loops and foreign factories have
it. The keyword tells task factories. No result, exception, order or cancellation changes by either.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from contextvars import Context, ContextVar, copy_context
from functools import partial
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from time import perf_counter_ns
from types import MethodType
from typing import Any, Final, Literal, Never, TypedDict, cast
from warnings import catch_warnings
from weakref import WeakKeyDictionary, ref

from episodic.task_names import parse_task_name as parse_task_name  # noqa: PLC0414 # part of this interface
from episodic.task_names import task_name

TASK_METADATA_KWARG: Final = "episodic_task_metadata"

type TaskFactory = Callable[..., asyncio.Future[Any]]
type TaskOutcome = Literal["returned", "raised", "cancelled"]
type _Loop = asyncio.AbstractEventLoop
type _Kwargs = dict[str, Any]
type _Coro = Coroutine[Any, Any, Any]
type _Record = TaskMetadata | None


class TaskMetadata(TypedDict, total=False):
    """What a task says of itself; every key is optional."""

    operation_name: str  # dotted, what is being done: "canonical.ingestion.normalize"
    correlation_id: str  # which run it belongs to: the ingestion job's id
    priority_hint: int  # smaller is sooner; for diagnostics and queues, never scheduling here


class TaskObserver:
    """Told of the start and the end of each task that has metadata of its own.

    Both hooks of one task run in one context, which the task's own is, or is a copy of: a context variable
    set in `started` can be read in the task and in `finished`. (Of a context that the caller supplied, they
    get a copy.) A hook not overridden costs nothing; an observer that raises is logged once and dropped.
    """

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        """Be told of a task before its first step."""

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        """Be told how a task ended, `ns` nanoseconds after its creation; `error` if it raised."""


def create_task[T](
    coro: Coroutine[Any, Any, T],
    /,
    *,
    name: str | None = None,
    context: Context | None = None,
    eager_start: bool | None = None,
    metadata: TaskMetadata | None = None,
    **unknown: Never,
) -> asyncio.Task[T]:
    """Create a task on the running loop, like `asyncio.create_task`, with optional metadata.

    A `name` is kept; without one, `task_name` names a task that has metadata. What `metadata` leaves out is
    inherited from `current_task_metadata`; empty counts as none. A supplied `context` ends as it was, so that
    plain children of such a task inherit nothing. When no task is made, `coro` is closed.

    Raises
    ------
    ValueError, TypeError
        An unsupported metadata key, an empty string; a value of another type, an unknown keyword.
    RuntimeError
        No running loop; or an eager start in a context that is already entered.
    """
    return _create(None, coro, (name, context, eager_start, metadata), unknown)


def create_task_in_group[T](
    group: asyncio.TaskGroup,
    coro: Coroutine[Any, Any, T],
    /,
    *,
    name: str | None = None,
    context: Context | None = None,
    eager_start: bool | None = None,
    metadata: TaskMetadata | None = None,
    **unknown: Never,
) -> asyncio.Task[T]:
    """Create a task in a group, like `asyncio.TaskGroup.create_task`; the rest is as in `create_task`."""
    return _create(group, coro, (name, context, eager_start, metadata), unknown)


def task_metadata(task: asyncio.Future[Any]) -> TaskMetadata | None:
    """Return a copy of the metadata that `task` was created with; ``None`` when it has none of its own."""
    own: TaskMetadata | None = getattr(task, TASK_METADATA_KWARG, None)
    return own and own.copy()


def current_task_metadata() -> TaskMetadata | None:
    """Return a copy of the running task's own metadata, else of its nearest instrumented ancestor's."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # a thread without a loop; its context is that of the task that it works for
        task = None
    shared = hasattr(task, "episodic_shared_context")  # the caller's, which carries nothing
    record: TaskMetadata | None = getattr(task, TASK_METADATA_KWARG) if shared else _carrier.get()
    return record and record.copy()


_FIELDS: Final[Mapping[str, type]] = {"operation_name": str, "correlation_id": str, "priority_hint": int}
_carrier: ContextVar[TaskMetadata | None] = ContextVar("episodic_task_metadata", default=None)


class _MadeName(str):  # nobody asked for it, so foreign factories are not bothered with it
    __slots__ = ()


def _record(metadata: object) -> _Record:
    """Validate, leave out what is ``None``, inherit what is missing; the result is ours alone."""
    given: Any = metadata
    if not isinstance(metadata, dict):
        raise TypeError(f"task metadata must be a dict, not {type(metadata).__name__}")
    operation = given.get("operation_name")
    correlation = given.get("correlation_id")
    priority = given.get("priority_hint")
    strings = type(operation) is str and type(correlation) is str and operation and correlation
    if strings and type(priority) is int and len(given) == 3:  # the usual case, found out in half the time
        return {"operation_name": operation, "correlation_id": correlation, "priority_hint": priority}
    for key, value in given.items():
        kind = _FIELDS.get(key)
        if kind is None:
            raise ValueError(f"unsupported task metadata key {key!r}; there is {', '.join(_FIELDS)}")
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise TypeError(f"task metadata {key} must be {kind.__name__}, not {type(value).__name__}")
        if value == "":
            raise ValueError(f"task metadata {key} must not be empty")
    own = {key: value for key, value in given.items() if value is not None}
    return cast("TaskMetadata", {**(current_task_metadata() or {}), **own}) if own else None


def _create(group: asyncio.TaskGroup | None, coro: _Coro, given: tuple[Any, ...], unknown: _Kwargs) -> Any:
    if unknown:
        _close(coro)
        raise TypeError(f"create_task() got an unexpected keyword argument {next(iter(unknown))!r}")
    try:
        name, context, eager_start, metadata = given
        loop = asyncio.get_running_loop()
        make: Any = loop.create_task if group is None else group.create_task
        record = None if metadata is None else _record(metadata)
        # What was not supplied is not forwarded: `eager_start=None` turns asyncio.eager_task_factory lazy,
        # and a factory of two arguments takes no keyword at all.
        if record is context is eager_start is None:
            return make(coro) if name is None else make(coro, name=name)
        factory: Any = loop.get_task_factory()
        standard = type(make) is MethodType and make.__func__ is _STANDARD
        ours = type(factory) is MetadataTaskFactory and factory.inner is None
        if record and name and standard and (factory is None or ours) and context is eager_start is None:
            # The usual call; what is general below, and the loop's own method, cost half as much again.
            outer = _carrier.set(record)
            try:
                if factory is None:
                    task: Any = asyncio.Task(coro, loop=loop, name=name)
                else:
                    task = factory.make(loop, coro, record, {"name": name})
                task.episodic_task_metadata = record
                return task
            finally:
                _carrier.reset(outer)
        supplied = {"name": name, "context": context, "eager_start": eager_start}
        kwargs = {key: value for key, value in supplied.items() if value is not None}
        if record is not None:
            return _carry(make, loop, factory, coro, record, kwargs)
        if context is not None and _is_entered(context, factory, kwargs):
            return _offer(make, loop, factory, coro, None, kwargs)
        return make(coro, **kwargs)
    except BaseException:
        _close(coro)
        raise


def _carry(make: Any, loop: _Loop, factory: Any, coro: _Coro, record: TaskMetadata, kwargs: _Kwargs) -> Any:
    """Create a task while every context that it may start from carries its metadata."""
    if kwargs.get("name") is None:
        kwargs["name"] = _MadeName(task_name(record))
    context: Context | None = kwargs.get("context")
    # An entered context cannot be written to from here, and need not be: its task starts later.
    lent = None if context is None or _is_entered(context, factory, kwargs) else context
    inner = None if lent is None else lent.run(_carrier.set, record)
    task, outer = None, _carrier.set(record)
    try:
        task = make(coro, **kwargs) if factory is None else _offer(make, loop, factory, coro, record, kwargs)
        with suppress(AttributeError):  # a foreign factory's future may have no room for it
            task.episodic_task_metadata = record
            if context is not None:
                task.episodic_shared_context = True
        return task
    finally:
        _carrier.reset(outer)
        if lent is not None and inner is not None:
            lent.run(_carrier.reset, inner)
        del task  # no cycle through the traceback of the task's exception (gh-128552)


def _is_entered(context: Context, factory: object, kwargs: _Kwargs) -> bool:
    """Whether `context` is entered: an eager start in it, which hangs CPython 3.14, is refused or avoided."""
    try:
        context.run(str)
    except RuntimeError:
        if kwargs.get("eager_start"):
            raise RuntimeError("no eager start in a context already entered; pass context.copy()") from None
        if factory is not None:
            kwargs["eager_start"] = False  # it may be one that starts eagerly unless told otherwise
        return True
    return False


def _close(coro: object) -> None:
    if asyncio.iscoroutine(coro):
        coro.close()


_STANDARD: Final = asyncio.BaseEventLoop.create_task  # passes every keyword on to the factory
# How a call says that it does not take a keyword; C only counts when there are many.
_REFUSAL: Final = r"unexpected keyword argument '{0}'|takes no keyword|takes at most \d+ .*\(\d+ given\)"

# Whether the keyword reaches a loop's factory and is taken. Signatures do not tell: asyncio's
# eager_task_factory and Sentry's factory take any keyword and pass it on to a Task that does not.
_takes: WeakKeyDictionary[_Loop, WeakKeyDictionary[Any, bool]] = WeakKeyDictionary()
# Metadata and name on their way to our factory past whatever refuses or drops the keyword; by task, for an
# eager first step must not take what was meant for its creator's call.
_handover: dict[tuple[_Loop, asyncio.Task[Any] | None], tuple[TaskMetadata, str]] = {}


def _offer(create: Any, loop: _Loop, factory: Any, coro: _Coro, record: _Record, kwargs: _Kwargs) -> Any:
    """Create a task through `factory`, with what it may refuse as far as it does not."""
    foreign = not isinstance(factory, MetadataTaskFactory)
    name: str = kwargs.get("name", "")
    takes: bool | None = None
    optional: _Kwargs = {}
    if foreign and record is not None:
        if type(name) is _MadeName:
            del kwargs["name"]
        with suppress(TypeError):  # a factory without weak references
            takes = _takes.setdefault(loop, WeakKeyDictionary()).get(factory)
        if takes is not False:
            optional[TASK_METADATA_KWARG] = record.copy()
    if kwargs.get("eager_start") is False:  # who does not know the word does not start eagerly
        optional["eager_start"] = kwargs.pop("eager_start")
    creator = loop, asyncio.current_task(loop)
    # A wrapper coroutine that a refused call leaves unstarted dies in here, without a warning.
    known = takes is not None or not optional
    with nullcontext() if known else catch_warnings(action="ignore", category=RuntimeWarning):
        while True:
            if record is not None:
                _handover[creator] = record, name
            try:
                task: Any = create(coro, **kwargs, **optional)
                break
            except TypeError as error:
                text, started = str(error), iscoroutine(coro) and getcoroutinestate(coro) != CORO_CREATED
                refused = next((key for key in optional if re.search(_REFUSAL.format(key), text)), None)
                if refused is None or started:
                    raise
                del optional[refused]
            finally:
                _handover.pop(creator, None)
    if foreign and record is not None:
        with suppress(TypeError, AttributeError):  # a factory without weak references, a future without names
            task.set_name(name)  # Sentry's factory, for one, overwrites it
            _takes[loop][factory] = TASK_METADATA_KWARG in optional
    return task


class MetadataTaskFactory(AbstractContextManager["MetadataTaskFactory", None]):
    """A task factory that takes `TASK_METADATA_KWARG` and tells observers, over `inner` or asyncio itself.

    `install_task_factory` puts one on a loop; `uninstall`, or the end of a ``with`` block, takes it off.
    """

    def __init__(self, inner: TaskFactory | None = None, *observers: TaskObserver) -> None:
        self.inner = inner
        self.home: ref[_Loop] | None = None  # where `install_task_factory` put it
        self.removed = False
        self._started = [o.started for o in observers if type(o).started is not TaskObserver.started]
        self._finished = [o.finished for o in observers if type(o).finished is not TaskObserver.finished]

    def __call__(self, loop: _Loop, coro: _Coro, **kwargs: Any) -> Any:
        """Create a task, as `asyncio.loop.set_task_factory` asks of a factory."""
        record: TaskMetadata | None = kwargs.pop(TASK_METADATA_KWARG, None)
        if type(loop).create_task is not _STANDARD:  # uvloop forwards what was not supplied
            kwargs = {key: value for key, value in kwargs.items() if value is not None}
        if _handover and (handed := _handover.pop((loop, asyncio.current_task(loop)), None)):
            record, kwargs["name"] = handed
        elif record is not None:  # the keyword itself, from asyncio.create_task
            try:
                if record := _record(record):
                    return _carry(partial(self, loop), loop, self, coro, record, kwargs)
            except BaseException:
                _close(coro)
                raise
        return self.make(loop, coro, record, kwargs)

    def make(self, loop: _Loop, coro: _Coro, record: TaskMetadata | None, kwargs: _Kwargs) -> Any:
        """Create a task with metadata that is found, valid and in the context, and tell the observers."""
        if record is None or self.removed or not (self._started or self._finished):
            if self.inner is None:
                return asyncio.Task(coro, loop=loop, **kwargs)
            if record is None:
                return self.inner(loop, coro, **kwargs)
            return _offer(partial(self.inner, loop), loop, self.inner, coro, record, kwargs)
        created = perf_counter_ns()
        name: str = kwargs["name"]
        supplied: Context | None = kwargs.get("context")
        context = copy_context() if supplied is None else supplied.copy()
        if supplied is not None:
            context.run(_carrier.set, record)  # an entered context does not carry it
        for hook in self._started:
            try:
                context.run(hook, record.copy(), name)
            except (Exception, asyncio.CancelledError) as failure:  # noqa: BLE001 # whatever it raises
                self._drop(hook, failure)
        if self.inner is not None:  # nobody asked for a context, and what is beneath may not take one
            task = context.run(_offer, partial(self.inner, loop), loop, self.inner, coro, record, kwargs)
        else:
            kwargs["context"] = context if supplied is None else supplied
            task = asyncio.Task(coro, loop=loop, **kwargs)
        end = partial(self._end, record, name, created)
        try:
            if task.done():  # an eager task's awaiter gets the exception before any callback runs
                context.run(end, task)
            elif self._finished:
                task.add_done_callback(end, context=context)
            return task
        finally:
            del task

    def _end(self, record: TaskMetadata, name: str, created: int, task: asyncio.Task[Any]) -> None:
        ns = perf_counter_ns() - created
        # task.exception() would mark the exception as retrieved, and asyncio would no longer report one
        # that nobody looks at; no public call reads it without.
        error = task._exception  # noqa: SLF001
        outcome = "raised" if error is not None else "cancelled" if task.cancelled() else "returned"
        for hook in self._finished:
            try:
                hook(record.copy(), name, outcome, ns, error)
            except (Exception, asyncio.CancelledError) as failure:  # noqa: BLE001 # whatever it raises
                self._drop(hook, failure)

    def _drop(self, hook: Any, error: BaseException) -> None:
        logging.getLogger(__name__).error("%r raised and is dropped", hook.__self__, exc_info=error)
        self._started = [h for h in self._started if h.__self__ is not hook.__self__]
        self._finished = [h for h in self._finished if h.__self__ is not hook.__self__]

    def uninstall(self) -> None:
        """Observe no further task; a factory on which others stand stays beneath them and delegates."""
        self.removed = True
        if self.home and (loop := self.home()):
            beneath = loop.get_task_factory()
            while isinstance(beneath, MetadataTaskFactory) and beneath.removed:
                beneath = beneath.inner
            loop.set_task_factory(beneath)

    def __exit__(self, *_: object) -> None:
        self.uninstall()


def install_task_factory(loop: _Loop, *observers: TaskObserver) -> MetadataTaskFactory:
    """Put a `MetadataTaskFactory` on `loop`, over the factory that it has."""
    factory = MetadataTaskFactory(loop.get_task_factory(), *observers)
    factory.home = ref(loop)
    loop.set_task_factory(factory)
    return factory


def run[T](
    main: Coroutine[Any, Any, T],
    *,
    observers: Sequence[TaskObserver] = (),
    debug: bool | None = None,
    loop_factory: Callable[[], _Loop] | None = None,
) -> T:
    """Run `main` like `asyncio.run`, with the factory and its observers on the new loop."""

    def make_loop() -> _Loop:
        loop = (loop_factory or asyncio.new_event_loop)()
        install_task_factory(loop, *observers)
        return loop

    with closing(main):
        return asyncio.run(main, debug=debug, loop_factory=make_loop)
