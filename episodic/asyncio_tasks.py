"""Task metadata: a name, an operation, a correlation id and a priority hint for asyncio tasks.

Strategy
--------
1. Metadata is checked before anything else happens, so that a mistake is the same mistake everywhere.
   Whatever fails, the coroutine is closed.
2. The context is the carrier. A context variable is set by token while a task is made; the task copies it,
   and eager first steps, children, threads, other loops and foreign factories have it. What is a task's own
   stands on it as an attribute.
3. The keyword `TASK_METADATA_KWARG` is the notification: it tells other people's task factories, and ours
   when plain `asyncio.create_task` is called with it.
4. Tasks are made by `asyncio.create_task` and `asyncio.TaskGroup.create_task`, looked up when called, so that
   whoever instruments those, or the loop beneath them, sees ours like all others.
5. Observers are told by our factory and by nothing else.
6. No result, exception, order or cancellation changes by any of it.

Two ways lead from the call to the task. The lean one, in `create_task`, is for the usual call: a name and
metadata at most, and no factory but ours. Such a task begins later, so that our factory makes a plain one and
its observers are told when it is there. The general one, `_create`, is for all else, where a task may begin
while it is made; what it has to know of others stands in `foreign_factories`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any, Final, Never, TypedDict, Unpack, cast
from weakref import ref

from episodic import foreign_factories
from episodic.foreign_factories import Kwargs, factory_of, supplied
from episodic.task_names import parse_task_name as parse_task_name  # noqa: PLC0414 # part of this interface
from episodic.task_names import task_name
from episodic.task_observers import Observation, Observers, TaskOutcome, observation_of

TASK_METADATA_KWARG: Final = "episodic_task_metadata"

type TaskFactory = Callable[..., asyncio.Future[Any]]
type _Loop = asyncio.AbstractEventLoop
type _Task = asyncio.Task[Any]
type _Coro = Coroutine[object, Never, object]

_carrier: Final[ContextVar[TaskMetadata | None]] = ContextVar("episodic_task_metadata", default=None)
_CARRIED: Final = "episodic_carried"  # on a task with a supplied context: what that carries by itself


# --- what tasks say, and what they are told --------------------------------------------------------------


class TaskMetadata(TypedDict, total=False):
    """What a task says of itself; every key is optional."""

    operation_name: str  # dotted, what is being done: "canonical.ingestion.normalize"
    correlation_id: str  # which run it belongs to: the ingestion job's id
    priority_hint: int  # smaller is sooner; for diagnostics and queues, never scheduling here


class TaskCreateKwargs(TypedDict, total=False):
    """The keywords of `create_task` and `create_task_in_group`, for wrappers: ``**kwargs: Unpack[…]``."""

    name: str | None
    context: Context | None
    eager_start: bool | None
    metadata: TaskMetadata | None


class _Nothing(TypedDict):
    """What else those take: type checkers refuse it where it is written, and we where it is passed."""


class TaskObserver:
    """Told of the start and the end of each task that has metadata of its own.

    Subclass it and override what you need; any other object that has both methods, of whatever kind, will do
    as well. Each `started` has its `finished`, whatever becomes of the task.

    Both hooks of one task run in one context, which the task's own is, or is a copy of: a context variable
    set in `started` can be read in the task and in `finished`. (Of a context that the caller supplied, and
    of that of a task that is lost, they get a copy.) A hook not overridden costs nothing; an observer that
    raises is logged once and dropped.
    """

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        """Be told of a task before its first step.

        Parameters
        ----------
        metadata
            A copy of the task's own.
        name
            The task's name, be it given or made by `task_name`.
        """

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        """Be told how a task ended.

        Parameters
        ----------
        metadata, name
            As in `started`.
        outcome
            ``"returned"``, ``"raised"``, ``"cancelled"``; or ``"lost"`` for a task whose end nobody will see:
            it was pending when its factory was taken off, its run ended or it was collected, or it takes no
            step, because a factory failed or an observer interrupted the program.
        ns
            Nanoseconds since its creation.
        error
            What it raised, or what kept it from being made.
        """


# --- creating tasks --------------------------------------------------------------------------------------


def create_task[T](
    coro: Coroutine[object, Never, T],
    /,
    *,
    name: str | None = None,
    context: Context | None = None,
    eager_start: bool | None = None,
    metadata: TaskMetadata | None = None,
    **unknown: Unpack[_Nothing],
) -> asyncio.Task[T]:
    """Create a task on the running loop, like `asyncio.create_task`, with optional metadata.

    Parameters
    ----------
    coro
        The coroutine. When no task is made of it, it is closed.
    name
        Kept as it is. Without one, `task_name` names a task that has metadata.
    context
        The task's context; a copy of the current one by default. One that is supplied is the caller's and
        ends as it was: the task itself reads its own metadata, and so do log records that it makes; its plain
        children, its threads and its callbacks read what that context carried when it was supplied.
    eager_start
        Whether the first step is taken at once; what the loop's task factory does by default.
    metadata
        Any mapping of the keys of `TaskMetadata`. What it leaves out, or has as ``None``, is inherited from
        `current_task_metadata`; empty counts as none.

    Returns
    -------
    asyncio.Task
        What the loop's task factory made.

    Raises
    ------
    ValueError
        Unsupported metadata keys, all of them named; an empty string.
    TypeError
        A value of another type; a `context` that is none; unknown keywords, all of them named.
    RuntimeError
        No running loop; or an eager start in a context that is already entered.

    Notes
    -----
    The arguments are checked before the running loop is asked for. Keywords that were not supplied are not
    handed on. A task copies the current context when it is made (PEP 567), which is how metadata reaches it.
    ``eager_start`` of a single task is new in Python 3.14 (gh-128307).
    """
    try:
        if unknown or context is not None:
            _check("create_task()", context, unknown)
        record = None if metadata is None else _validated(metadata)
        if context is not None or eager_start is not None:
            return _create(asyncio.create_task, coro, record, name, context, eager_start)
        # What was not supplied is not handed on: `eager_start=None` turns asyncio.eager_task_factory lazy,
        # and a factory of two arguments takes no keyword at all.
        if record is None:
            return asyncio.create_task(coro) if name is None else asyncio.create_task(coro, name=name)
        factory = factory_of(asyncio.get_running_loop())
        if factory is not None and (type(factory) is not MetadataTaskFactory or factory.inner is not None):
            return _create(asyncio.create_task, coro, record, name)
        # The lean path, for the usual call: the general one costs two thirds more.
        if name is None:
            name = task_name(record)
        outer = _carrier.set(record)
        try:
            task: Any = asyncio.create_task(coro, name=name)
        finally:
            _carrier.reset(outer)
    except BaseException:
        foreign_factories.close(coro)
        raise
    try:
        task.episodic_task_metadata = record
    except AttributeError, TypeError:  # a replaced asyncio.create_task returned no task, and no room
        return task
    if factory is not None and factory.observes:
        factory.observe(task, record)  # before its first step, which it takes later
    return task


def create_task_in_group[T](
    group: asyncio.TaskGroup,
    coro: Coroutine[object, Never, T],
    /,
    *,
    name: str | None = None,
    context: Context | None = None,
    eager_start: bool | None = None,
    metadata: TaskMetadata | None = None,
    **unknown: Unpack[_Nothing],
) -> asyncio.Task[T]:
    """Create a task in a group, like `asyncio.TaskGroup.create_task`, with optional metadata.

    Parameters
    ----------
    group
        The group, entered and not finished.
    coro, name, context, eager_start, metadata
        As in `create_task`.

    Returns
    -------
    asyncio.Task
        The group's task.

    Raises
    ------
    ValueError, TypeError, RuntimeError
        As in `create_task`; or the group takes no task any more.

    Notes
    -----
    The group makes the task itself, so that it waits for it and cancels it like any other of its own.
    """
    try:
        _check("create_task_in_group()", context, unknown)
        record = None if metadata is None else _validated(metadata)
        return _create(group.create_task, coro, record, name, context, eager_start)
    except BaseException:
        foreign_factories.close(coro)
        raise


def _create(
    make: Callable[..., _Task],
    coro: _Coro,
    record: TaskMetadata | None,
    name: str | None,
    context: Context | None = None,
    eager_start: bool | None = None,
) -> _Task:
    """Create a task by `make` on the running loop: the general path."""
    loop = asyncio.get_running_loop()
    keywords = supplied(name=name, context=context, eager_start=eager_start)
    return _create_by(factory_of(loop), loop, make, coro, record, keywords)


def _create_by(
    factory: object,
    loop: _Loop,
    make: Callable[..., _Task],
    coro: _Coro,
    record: TaskMetadata | None,
    kwargs: Kwargs,
) -> _Task:
    """Create a task by `make`, which calls `factory`, of what was supplied."""
    if record is None:
        return foreign_factories.create(make, factory, coro, kwargs, {}, None)
    context: Context | None = kwargs.get("context")
    carried = record if context is None else context.get(_carrier)
    name = kwargs["name"] if "name" in kwargs else task_name(record)
    creation = foreign_factories.Creation(record, str(name), coro, asyncio.current_task(loop), carried)
    optional: Kwargs = {}
    if factory is None:
        kwargs["name"] = name
    elif type(factory) is MetadataTaskFactory:  # it finds the creation
        creation.named = factory.inner is None
    elif isinstance(loop, asyncio.BaseEventLoop):
        optional[TASK_METADATA_KWARG] = record.copy()
    task: Any = None
    try:
        with _carrier.set(record):
            task = foreign_factories.create(make, factory, coro, kwargs, optional, creation)
        with suppress(AttributeError, TypeError):  # a foreign factory's future may have no room for it
            task.episodic_task_metadata = record
            if context is not None:
                task.episodic_carried = carried
        return task
    finally:
        del task  # no cycle through the frames of a failed eager task's traceback (gh-128552)


# --- reading metadata ------------------------------------------------------------------------------------


def task_metadata(task: asyncio.Future[Any]) -> TaskMetadata | None:
    """Return the metadata that a task was created with.

    Parameters
    ----------
    task
        Any task or future; in an eager first step, also the running one.

    Returns
    -------
    TaskMetadata or None
        A copy; ``None`` when the task has none of its own.

    Notes
    -----
    A task says so for as long as it exists, in whatever context, thread or loop it is asked. Children inherit
    through the context and have none of their own: `current_task_metadata` reads that.
    """
    own: TaskMetadata | None = getattr(task, TASK_METADATA_KWARG, None)
    if own is None and (creation := foreign_factories.first_step_of(task)):
        own = creation.record
    return own and own.copy()


def current_task_metadata() -> TaskMetadata | None:
    """Return the running task's own metadata, else that of its nearest instrumented ancestor.

    Returns
    -------
    TaskMetadata or None
        A copy; ``None`` where there is none, also in a thread or a callback that no such task started.

    Notes
    -----
    What is not a task's own is read from the current context, which children, callbacks and
    `asyncio.to_thread` copy (PEP 567). That of a task whose context was supplied says nothing of the task.
    """
    record = _carrier.get()
    try:
        task = asyncio.current_task()
    except RuntimeError:  # a thread without a loop; its context is that of the task that it works for
        return record and record.copy()
    own: TaskMetadata | None = getattr(task, TASK_METADATA_KWARG, None)
    carried: object = getattr(task, _CARRIED, _carrier)
    if carried is _carrier and (creation := foreign_factories.first_step_of(task)):
        own, carried = creation.record, creation.carried
    # A context that says what it said when the caller supplied it says nothing of this task.
    if carried is record:
        record = own
    return record and record.copy()


# --- what is valid ---------------------------------------------------------------------------------------

_FIELDS: Final[Mapping[str, type]] = {"operation_name": str, "correlation_id": str, "priority_hint": int}


def _validated(metadata: object) -> TaskMetadata | None:
    """Validate, leave out what is ``None``, inherit what is missing; the result is ours alone."""
    given: Any = metadata
    if type(metadata) is dict and len(given) == 3:  # the usual case, found out in half the time
        try:
            operation, correlation = given["operation_name"], given["correlation_id"]
            if (
                type(operation) is type(correlation) is str
                and type(given["priority_hint"]) is int
                and operation
                and correlation
            ):
                return given.copy()
        except KeyError:
            pass  # what it has instead is said below
    if not isinstance(metadata, Mapping):
        raise TypeError(f"task metadata must be a mapping, not {type(metadata).__name__}")
    given = dict(given)
    if unsupported := given.keys() - _FIELDS.keys():
        raise ValueError(
            f"Unsupported task metadata keys: {_listed(unsupported)}; there is {', '.join(_FIELDS)}"
        )
    own = {key: value for key, value in given.items() if value is not None}
    for key, value in own.items():
        if not isinstance(value, _FIELDS[key]) or isinstance(value, bool):
            raise TypeError(
                f"task metadata {key} must be {_FIELDS[key].__name__}, not {type(value).__name__}"
            )
        if value == "":
            raise ValueError(f"task metadata {key} must not be empty")
    return cast("TaskMetadata", {**(current_task_metadata() or {}), **own}) if own else None


def _check(function: str, context: object, unknown: Mapping[str, object]) -> None:
    if unknown:
        raise TypeError(f"{function} got unexpected keyword arguments: {_listed(unknown)}")
    if context is not None and not isinstance(context, Context):
        raise TypeError(f"context must be a contextvars.Context, not {type(context).__name__}")


def _listed(keys: Iterable[object]) -> str:
    return ", ".join(sorted(map(repr, keys)))


# --- the task factory ------------------------------------------------------------------------------------


class MetadataTaskFactory(foreign_factories.OverAnother, AbstractContextManager["MetadataTaskFactory", None]):
    """A task factory that takes `TASK_METADATA_KWARG` and tells observers, over `inner` or asyncio itself.

    `install_task_factory` puts one on a loop; `uninstall`, or the end of a ``with`` block, takes it off.

    Parameters
    ----------
    inner
        The factory beneath; asyncio's `Task` if ``None``.
    observers
        Who is told of tasks with metadata of their own.

    Raises
    ------
    TypeError
        An observer without the two methods, or with one that cannot be called as `TaskObserver` says, or that
        is a coroutine function.

    Notes
    -----
    A task made by plain `asyncio.create_task` with the keyword is treated like one of `create_task`.
    """

    def __init__(self, inner: TaskFactory | None = None, *observers: TaskObserver) -> None:
        self.inner = inner
        self.home: ref[_Loop] | None = None  # where `install_task_factory` put it
        self.removed = False
        self._observers = Observers(observers, TaskObserver)
        self.observes = bool(self._observers.started or self._observers.finished)

    def __call__(
        self,
        loop: _Loop,
        coro: _Coro,
        *,
        name: Any = None,
        episodic_task_metadata: object = None,
        **kwargs: Any,
    ) -> Any:
        """Create a task, as `asyncio.loop.set_task_factory` asks of a factory.

        Parameters
        ----------
        loop, coro
            The loop, which need not run, and what the task is to run.
        name, episodic_task_metadata, **kwargs
            As the loop was asked; metadata as `create_task` takes it.

        Returns
        -------
        asyncio.Task
            What is beneath made: asyncio, or another factory.

        Raises
        ------
        ValueError, TypeError, RuntimeError
            As `create_task`; or whatever the factory beneath raises.

        Notes
        -----
        A loop hands all keywords of its `create_task` on to its factory since Python 3.14 (gh-128307).
        """
        record: Any = episodic_task_metadata
        given = name
        if creation := foreign_factories.take(loop):
            record, name = creation.record, creation.name
        elif record is not None:  # the keyword itself, from asyncio.create_task
            try:
                if record := _validated(record):
                    keywords = supplied(name=name, **kwargs)
                    # Not what a subclass adds, again.
                    make = partial(MetadataTaskFactory.__call__, self, loop)
                    return _create_by(self, loop, make, coro, record, keywords)
            except BaseException:
                foreign_factories.close(coro)
                raise
        if record is not None and self.observes:
            return self._observed(loop, coro, record, name, given, kwargs)
        if self.inner is None and not kwargs:
            return asyncio.tasks.Task(coro, loop=loop, name=name)
        return self._create_beneath(loop, coro, record, name, given, kwargs)

    def observe(self, task: _Task, metadata: TaskMetadata) -> None:
        """Tell the observers of a task that is made: now of its start, and of its end when that comes.

        Parameters
        ----------
        task
            The task, not begun, with `metadata` in its context. What has no context is no task but what a
            replaced `asyncio.create_task` returned for one: nobody is told of it.
        metadata
            Its own, and valid.
        """
        record: Any = metadata
        if not hasattr(task, "get_context"):
            return
        try:
            Observation(self._observers, record, task.get_name(), task.get_context()).watch(task)
        except BaseException:  # an observer interrupts the program; all have been told that the task is lost
            task.cancel()
            raise

    def _observed(self, loop: _Loop, coro: _Coro, record: Any, name: Any, given: Any, kwargs: Kwargs) -> Any:
        """Tell the observers of a task and create it: it may begin, and end, before this has it."""
        supplied: Context | None = kwargs.get("context")
        context = copy_context() if supplied is None else supplied.copy()
        context.run(_carrier.set, record)  # for the hooks; what is supplied ends as it was
        observation = Observation(self._observers, record, str(name), context)
        task: Any = None
        try:
            if self.inner is None:
                kwargs["context"] = context if supplied is None else supplied
                task = asyncio.tasks.Task(coro, loop=loop, name=name, **kwargs)
            else:  # nobody asked for a context, and what is beneath may not take one
                task = context.run(self._create_beneath, loop, coro, record, name, given, kwargs)
                observation.beneath = observation_of(task)
            observation.watch(task)
            return task  # noqa: TRY300 # a failure before it is handled below, whatever it is
        except BaseException as error:
            observation.fail(error, unstarted=foreign_factories.is_unstarted(coro))
            raise
        finally:
            del task

    def _create_beneath(
        self, loop: _Loop, coro: _Coro, record: Any, name: Any, given: Any, kwargs: Kwargs
    ) -> object:
        """Have the task made by what is beneath; a factory there gets no name that nobody asked for."""
        if self.inner is None:
            return asyncio.tasks.Task(coro, loop=loop, name=name, **kwargs)
        if given is not None:
            kwargs["name"] = given
        optional: Kwargs = {} if record is None else {TASK_METADATA_KWARG: record.copy()}
        return foreign_factories.make_beneath(self.inner, loop, coro, kwargs, optional)

    def uninstall(self) -> None:
        """Observe no further task, and tell of those still pending that they are lost.

        Any order will do: a factory on which others stand stays beneath them and delegates. Called again, it
        does nothing.
        """
        self.removed, self.observes = True, False
        self.inner = _in_use(self.inner)
        if self.home and (loop := self.home()):
            top = factory_of(loop)
            if (beneath := _in_use(top)) is not top:
                loop.set_task_factory(beneath)
            while isinstance(beneath, MetadataTaskFactory):
                beneath.inner = _in_use(beneath.inner)
                beneath = beneath.inner
            self._observers.close(loop)

    def __exit__(self, *_: object) -> None:
        self.uninstall()


def _in_use(factory: TaskFactory | None) -> TaskFactory | None:
    while isinstance(factory, MetadataTaskFactory) and factory.removed:
        factory = factory.inner
    return factory


def install_task_factory(loop: _Loop, *observers: TaskObserver) -> MetadataTaskFactory:
    """Put a `MetadataTaskFactory` on a loop, over the factory that it has.

    Parameters
    ----------
    loop
        The loop, running or not.
    observers
        Who is told of tasks with metadata of their own.

    Returns
    -------
    MetadataTaskFactory
        What takes it off again: by `uninstall`, or as a context manager.

    Raises
    ------
    TypeError
        As `MetadataTaskFactory`.

    Notes
    -----
    What is on the loop already is called as before, whether it takes the keyword or not. A factory that is
    put on the loop later and replaces ours instead of calling it, as asyncio's eager one does, leaves tasks
    their metadata and observers untold.
    """
    factory = MetadataTaskFactory(factory_of(loop), *observers)
    factory.home = ref(loop)
    loop.set_task_factory(factory)
    return factory


# --- running ---------------------------------------------------------------------------------------------


def run[T](
    main: Awaitable[T],
    *,
    observers: Sequence[TaskObserver] = (),
    debug: bool | None = None,
    loop_factory: Callable[[], _Loop] | None = None,
) -> T:
    """Run `main` like `asyncio.run`, with the factory and its observers on the new loop.

    Parameters
    ----------
    main
        A coroutine, or any other awaitable.
    observers
        As of `install_task_factory`; told of what is still pending at the end that it is lost.
    debug, loop_factory
        As of `asyncio.run`.

    Returns
    -------
    object
        What `main` returns.

    Raises
    ------
    TypeError
        As `MetadataTaskFactory`; or `main` cannot be awaited.
    RuntimeError
        A loop is running in this thread.

    Notes
    -----
    `asyncio.run` takes other awaitables than coroutines since Python 3.14 (gh-120284).
    """
    with ExitStack() as ends:
        ends.callback(foreign_factories.close, main)

        def make_loop() -> _Loop:
            loop = ends.enter_context(closing((loop_factory or asyncio.new_event_loop)()))
            ends.enter_context(install_task_factory(loop, *observers))
            return loop

        return asyncio.run(cast("Coroutine[object, Never, T]", main), debug=debug, loop_factory=make_loop)
