"""Task metadata: a name, an operation, a correlation id and a priority hint for asyncio tasks.

The context is the carrier, the keyword is the notification. One context variable is set by token while
a task is made; the task copies it, so that its eager first step, its children, threads, and tasks made
by any loop or foreign factory can read it. The keyword `TASK_METADATA_KWARG` tells a task factory that a
task has metadata of its own. Metadata never changes what a task does: result, exceptions, order and
cancellation are those of a plain `asyncio.create_task`.
"""

import asyncio
import inspect
import re
import threading
import warnings
import weakref
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from contextvars import Context, ContextVar
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Final, NamedTuple, Never, Self, TypedDict, cast
from urllib.parse import quote, unquote

__all__ = [
    "TASK_METADATA_KWARG",
    "MetadataTaskFactory",
    "TaskMetadata",
    "TaskName",
    "create_task",
    "create_task_in_group",
    "current_task_metadata",
    "install_task_factory",
    "parse_task_name",
    "run",
    "task_metadata",
    "task_name",
]

TASK_METADATA_KWARG: Final = "episodic_task_metadata"


class TaskMetadata(TypedDict, total=False):
    """What a task says of itself; every key is optional."""

    operation_name: str  # dotted, what is being done: "canonical.ingestion.normalize"
    correlation_id: str  # which run it belongs to: the ingestion job's id
    priority_hint: int  # smaller is sooner; for diagnostics and queues, never scheduling here


_FIELDS: Final[Mapping[str, type]] = {"operation_name": str, "correlation_id": str, "priority_hint": int}
_OWN: Final = "_episodic_task_metadata"  # on a task: the metadata that it was created with
_SHARED: Final = "_episodic_shared_context"  # on a task: its context is the caller's and carries nothing

_carrier: ContextVar[TaskMetadata | None] = ContextVar("episodic_task_metadata", default=None)

type TaskFactory = Callable[..., asyncio.Task[Any]]


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

    Parameters
    ----------
    coro
        Closed when no task comes of it.
    name
        Kept as given; without one, a task with metadata gets its name from `task_name`.
    context
        The task's context, which ends as it was: plain children of such a task inherit no metadata.
    eager_start
        As in asyncio; left out where not given.
    metadata
        Fields that it leaves out are inherited from `current_task_metadata`; empty counts as none.

    Raises
    ------
    ValueError
        An unsupported metadata key, or an empty string.
    TypeError
        A metadata value of another type, or an unknown keyword.
    RuntimeError
        No running loop; or an eager start in a context that is already entered.
    """
    try:
        loop = asyncio.get_running_loop()
        return _create(loop.create_task, loop, coro, name, context, eager_start, metadata, unknown)
    except BaseException:
        _close(coro)
        raise


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
    try:
        loop = asyncio.get_running_loop()
        return _create(group.create_task, loop, coro, name, context, eager_start, metadata, unknown)
    except BaseException:
        _close(coro)
        raise


def task_metadata(task: asyncio.Future[Any]) -> TaskMetadata | None:
    """Return a copy of the metadata that `task` was created with; ``None`` when it has none of its own."""
    own: TaskMetadata | None = getattr(task, _OWN, None)
    return None if own is None else own.copy()


def current_task_metadata() -> TaskMetadata | None:
    """Return a copy of the running task's own metadata, else of its nearest instrumented ancestor's."""
    record = _current()
    return None if record is None else record.copy()


def _current() -> TaskMetadata | None:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # a thread without a loop, which has the context of who started it
        return _carrier.get()
    if task is not None and getattr(task, _SHARED, False):
        return getattr(task, _OWN)
    return _carrier.get()


def _validated(metadata: Mapping[str, object]) -> TaskMetadata:
    if not isinstance(metadata, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] # callers without types
        raise TypeError(f"task metadata must be a mapping, not {type(metadata).__name__}")
    kept: dict[str, object] = {}
    for key, value in metadata.items():
        kind = _FIELDS.get(key)
        if kind is None:
            raise ValueError(f"unsupported task metadata key {key!r}; there is {', '.join(_FIELDS)}")
        if value is None:
            continue
        if not isinstance(value, kind) or isinstance(value, bool):
            raise TypeError(f"task metadata {key} must be {kind.__name__}, not {type(value).__name__}")
        if value == "":
            raise ValueError(f"task metadata {key} must not be empty")
        kept[key] = value
    return cast("TaskMetadata", kept)


def _create[T](
    create: Callable[..., asyncio.Task[T]],
    loop: asyncio.AbstractEventLoop,
    coro: Coroutine[Any, Any, T],
    name: str | None,
    context: Context | None,
    eager_start: bool | None,
    metadata: TaskMetadata | None,
    unknown: Mapping[str, object],
) -> asyncio.Task[T]:
    if unknown:
        raise TypeError(f"create_task() got an unexpected keyword argument {next(iter(unknown))!r}")
    # What was not supplied is not forwarded: `eager_start=None` turns asyncio.eager_task_factory lazy,
    # and a factory of two arguments takes no keyword at all.
    kwargs: dict[str, Any] = {}
    if name is not None:
        kwargs["name"] = name
    if context is not None:
        kwargs["context"] = context
    if eager_start is not None:
        kwargs["eager_start"] = eager_start
    own = _validated(metadata) if metadata is not None else None
    if own:
        factory = cast("TaskFactory | None", loop.get_task_factory())
        return _instrument(create, loop, factory, coro, own, kwargs)
    if context is not None:
        _check_entered(context, kwargs)
    return create(coro, **kwargs)


def _instrument[T](
    create: Callable[..., asyncio.Task[T]],
    loop: asyncio.AbstractEventLoop,
    factory: TaskFactory | None,
    coro: Coroutine[Any, Any, T],
    own: TaskMetadata,
    kwargs: dict[str, Any],
) -> asyncio.Task[T]:
    """Create a task while the contexts that it may start from carry its metadata."""
    inherited = _current()
    record: TaskMetadata = {**inherited, **own} if inherited else own
    if kwargs.get("name") is None:
        kwargs["name"] = _MadeName(task_name(record))
    context: Context | None = kwargs.get("context")
    # A context entered already can neither be set from here nor host an eager first step.
    lent = context is not None and not _check_entered(context, kwargs)
    outer = _carrier.set(record)
    inner = context.run(_carrier.set, record) if context is not None and lent else None
    try:
        task = (
            create(coro, **kwargs) if factory is None else _offer(create, loop, factory, coro, record, kwargs)
        )
    finally:
        _carrier.reset(outer)
        if context is not None and inner is not None:
            context.run(_carrier.reset, inner)
    setattr(task, _OWN, record)
    if context is not None:
        setattr(task, _SHARED, True)
    try:
        return task
    finally:
        del task  # no cycle through the traceback of the task's exception (gh-128552)


def _check_entered(context: Context, kwargs: dict[str, Any]) -> bool:
    """Whether `context` is entered; then an eager start, which hangs CPython 3.14, is refused or avoided."""
    try:
        context.run(_nothing)
    except RuntimeError:
        if kwargs.get("eager_start"):
            raise RuntimeError(
                "cannot start a task eagerly in a context that is already entered; "
                "leave out eager_start, or pass context.copy()"
            ) from None
        kwargs["eager_start"] = False
        return True
    return False


def _nothing() -> None: ...


def _close(coro: object) -> None:
    if inspect.iscoroutine(coro):
        coro.close()


# --- foreign factories -------------------------------------------------------------------------------

# Whether a loop's factory takes the keyword. Signatures do not tell: asyncio.eager_task_factory and
# Sentry's take any keyword and pass it on to a Task that does not.
_verdicts: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[weakref.ref[TaskFactory], bool]] = (
    weakref.WeakKeyDictionary()
)


class _MadeName(str):
    """A name that the codec made: nobody asked for it, so a foreign factory is not bothered with it."""

    __slots__ = ()


class _Handover(threading.local):
    """What reaches our factory past a loop or factory that refuses the keyword (uvloop)."""

    pending: tuple[TaskMetadata, str] | None = None

    def take(self) -> tuple[TaskMetadata, str] | None:
        pending, self.pending = self.pending, None
        return pending


_handover = _Handover()


def _offer[T](
    create: Callable[..., asyncio.Task[T]],
    loop: asyncio.AbstractEventLoop,
    factory: TaskFactory,
    coro: Coroutine[Any, Any, T],
    record: TaskMetadata,
    kwargs: dict[str, Any],
) -> asyncio.Task[T]:
    """Create a task through a factory, with the keyword unless that factory refuses it."""
    ours = type(factory) is MetadataTaskFactory
    name: str = kwargs["name"]
    if not ours and type(name) is _MadeName:
        del kwargs["name"]
    tried, takes = _verdicts.get(loop, (None, False))
    if tried is None or tried() is not factory:
        takes = True
        try:
            with _no_warning_of_wrappers():
                task = create(coro, **kwargs, **{TASK_METADATA_KWARG: record if ours else record.copy()})
                task.set_name(name)
                return task
        except TypeError as error:
            if not _is_refusal(error, coro):
                raise
            _close_wrappers(error, coro)
            takes = False
        finally:
            _verdicts[loop] = weakref.ref(factory), takes
    if takes:
        task = create(coro, **kwargs, **{TASK_METADATA_KWARG: record if ours else record.copy()})
    else:
        _handover.pending = record, name
        try:
            task = create(coro, **kwargs)
        finally:
            _handover.take()
    task.set_name(name)  # Sentry's factory, for one, overwrites it
    return task


def _is_refusal(error: TypeError, coro: Coroutine[Any, Any, Any]) -> bool:
    """Whether the call itself was wrong, and nothing has run yet."""
    text = str(error)
    about_the_call = "keyword argument" in text and (TASK_METADATA_KWARG in text or "takes no" in text)
    return about_the_call and inspect.getcoroutinestate(coro) == inspect.CORO_CREATED


def _close_wrappers(error: BaseException, coro: Coroutine[Any, Any, Any]) -> None:
    """Close the coroutines that a refusing factory wrapped around `coro` and left unstarted."""
    traceback = error.__traceback__
    while traceback is not None:
        for value in traceback.tb_frame.f_locals.values():
            if (
                value is not coro
                and inspect.iscoroutine(value)
                and inspect.getcoroutinestate(value) == inspect.CORO_CREATED
                and (frame := value.cr_frame) is not None
                and any(held is coro for held in frame.f_locals.values())
            ):
                value.close()
        traceback = traceback.tb_next


@contextmanager
def _no_warning_of_wrappers() -> Generator[None]:
    """Keep quiet of a wrapper that dies inside the refused call, before anyone could close it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        yield


# --- our factory -------------------------------------------------------------------------------------


class MetadataTaskFactory:
    """A task factory that takes `TASK_METADATA_KWARG`, over any factory that was there before.

    Parameters
    ----------
    inner
        The factory that makes the tasks; ``None``: asyncio itself.
    """

    __slots__ = ("__weakref__", "inner", "removed")

    def __init__(self, inner: TaskFactory | None = None) -> None:
        self.inner = inner
        self.removed = False

    def __call__[T](
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, T], **kwargs: Any
    ) -> asyncio.Task[T]:
        """Create a task, as `asyncio.loop.set_task_factory` asks of a factory."""
        record = kwargs.pop(TASK_METADATA_KWARG, None)
        if record is None and (handed := _handover.take()) is not None:
            record, kwargs["name"] = handed
        if record is None:
            return self._make(loop, coro, kwargs)
        if record is _carrier.get():
            return self._make(loop, coro, kwargs, record)
        try:
            own = _validated(record)
            if not own:
                return self._make(loop, coro, kwargs)
            # The keyword came straight from asyncio.create_task.
            return _instrument(partial(self, loop), loop, self, coro, own, kwargs)
        except BaseException:
            _close(coro)
            raise

    def _make[T](
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, T],
        kwargs: dict[str, Any],
        record: TaskMetadata | None = None,
    ) -> asyncio.Task[T]:
        inner = self.inner
        if inner is None:
            task: asyncio.Task[T] = asyncio.Task(coro, loop=loop, **kwargs)
            if trace := getattr(task, "_source_traceback", None):
                del trace[-1]  # our own frame, as BaseEventLoop.create_task does
        elif record is None:
            task = inner(loop, coro, **kwargs)
        else:
            task = _offer(partial(inner, loop), loop, inner, coro, record, kwargs)
        try:
            return task
        finally:
            del task


class Installation:
    """A factory on a loop, until `uninstall` or the end of a ``with`` block; any order works."""

    __slots__ = ("factory", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, factory: MetadataTaskFactory) -> None:
        self.loop = loop
        self.factory = factory

    def uninstall(self) -> None:
        """Take the factory off its loop; one that others stand on stays beneath them and only delegates."""
        self.factory.removed = True
        top = cast("TaskFactory | None", self.loop.get_task_factory())
        beneath = top
        while isinstance(beneath, MetadataTaskFactory) and beneath.removed:
            beneath = beneath.inner
        if beneath is not top:
            self.loop.set_task_factory(cast("Any", beneath))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.uninstall()


def install_task_factory(loop: asyncio.AbstractEventLoop) -> Installation:
    """Put a `MetadataTaskFactory` on `loop`, over the factory that it has."""
    factory = MetadataTaskFactory(cast("TaskFactory | None", loop.get_task_factory()))
    loop.set_task_factory(cast("Any", factory))
    return Installation(loop, factory)


def run[T](
    main: Coroutine[Any, Any, T],
    *,
    debug: bool | None = None,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> T:
    """Run `main` like `asyncio.run`, with the factory installed on the new loop."""
    try:
        with asyncio.Runner(debug=debug, loop_factory=loop_factory) as runner:
            install_task_factory(runner.get_loop())
            return runner.run(main)
    except BaseException:
        _close(main)
        raise


# --- names -------------------------------------------------------------------------------------------


class TaskName(NamedTuple):
    """What a name made by `task_name` says; a field cut short for space ends in an ellipsis."""

    operation_name: str | None
    label: str | None
    correlation_id: str | None
    started_at: datetime


_LIMIT: Final = 255  # remote inspection reads no more of a name
_PLAIN: Final = " !\"$&'()*+,-./:;<=>?^_`{|}"  # printable ASCII but the grammar's own marks and the escape
_GRAMMAR: Final = re.compile(
    r"(?P<operation>[^\[\]#@]*)(\[(?P<label>[^\[\]#@]*)\])?(#(?P<correlation>[^\[\]#@]*))?@(?P<started>[0-9T:.-]+)Z"
)


def task_name(metadata: TaskMetadata, label: str | None = None) -> str:
    """Name a task so that `python -m asyncio pstree`, which sees no more than names, tells what it does.

    ``operation[label]#correlation@start``, the start in UTC; fields that are missing are left out with
    their marks. Everything but printable ASCII, and the marks themselves, is percent-encoded UTF-8. A name
    has at most 255 characters: correlation and start first, the label and the operation as far as there is
    space, with ``~`` where they end early.
    """
    start = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    correlation = metadata.get("correlation_id")
    tail = ("" if correlation is None else "#" + _encoded(correlation, 100)) + "@" + start
    space = _LIMIT - len(tail)
    if label is None:
        return _encoded(metadata.get("operation_name", ""), space) + tail
    operation = _encoded(metadata.get("operation_name", ""), space // 2)
    return f"{operation}[{_encoded(label, space - len(operation) - 2)}]{tail}"


def parse_task_name(name: str) -> TaskName | None:
    """Read back what `task_name` wrote; ``None`` for any other name."""
    found = _GRAMMAR.fullmatch(name)
    if found is None:
        return None
    try:
        started = datetime.fromisoformat(found["started"] + "Z")
    except ValueError:
        return None
    return TaskName(
        _decoded(found["operation"]) or None,
        _decoded(found["label"]),
        _decoded(found["correlation"]),
        started,
    )


def _encoded(text: str, space: int) -> str:
    encoded = quote(text, safe=_PLAIN, errors="surrogatepass").replace("~", "%7E")
    if len(encoded) <= space:
        return encoded
    while len(encoded := quote(text, safe=_PLAIN, errors="surrogatepass").replace("~", "%7E")) >= space:
        text = text[: min(len(text) - 1, space)]
    return encoded + "~"


def _decoded(text: str | None) -> str | None:
    if text is None:
        return None
    whole = text.removesuffix("~")
    return unquote(whole, errors="surrogatepass") + ("…" if whole != text else "")
