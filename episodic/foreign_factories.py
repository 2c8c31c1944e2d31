"""Making a task through what refuses things: other people's task factories, and loops that are not asyncio's.

Strategy
--------
1. A task has its metadata by the context (`asyncio_tasks`), which every factory and every loop hands on.
   What follows decides only who is *told*, and that no call fails because somebody was told too much.
2. A factory that takes the metadata keyword gets it. No signature tells which do: asyncio's eager factory
   and Sentry's take any keyword, and pass it on to a task that does not. So a table knows those that we test
   with, and for those that hand everything on, the variable with what they hand it to.
3. Any other factory is tried, and a refusal is remembered for as long as the process lasts, by the factory's
   code: factories are closures, made anew for each loop. A refusal is a `TypeError` about the call that names
   a keyword of ours, with the coroutine not started. All else propagates. One warning can come of it, once:
   a factory that wraps the coroutine and then is refused has made a wrapper that nobody awaits. No filter
   hides it, for a filter would stand around code of the user's, and is shared by all threads.
4. Our own factory may stand where no keyword arrives: on uvloop, whose `create_task` takes none, or beneath a
   factory that drops it. It learns of the metadata from a *cell* in a context variable, `Creation`, filled
   for one call. The first factory of ours that is called takes it, and fills it again for those beneath.
   It counts only for the task that filled it: a foreign factory may start a coroutine before it calls ours,
   and what that coroutine creates finds a full cell in its context, but is not the creator.
5. In an eager first step, `create_task` has not returned: the task has no metadata yet that could be read
   off it. The cell has, and the task is the one whose coroutine is running the cell's coroutine.
6. An eager start in a context that is already entered hangs CPython 3.14.8. Asked for, it is refused; not
   asked for, every factory is asked to start lazily, and those that do not know the word do so anyway.
7. A factory may be recognized by whoever looks at the loop. anyio tells asyncio's eager factory by its code,
   and takes from its closure the constructor for tasks that must not start yet. Ours over that factory shows
   both as its own; a group of anyio's would otherwise start its tasks before it knows them.

Example: `create_task` on uvloop, with Sentry's factory over ours. The cell is filled; uvloop's `create_task`
gets no keyword; Sentry's factory wraps the coroutine and calls ours with the wrapper; ours finds the cell,
filled by the running task, empties it, tells its observers and makes the task; `create_task` puts on it the
metadata, and the name, which Sentry's factory has overwritten.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Context, ContextVar
from functools import partial
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from types import CellType, CodeType, FunctionType
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

type Kwargs = dict[str, Any]


class Creation[R]:
    """One call that creates a task: the metadata and the name that our factory is to be told."""

    __slots__ = ("carried", "coro", "creator", "name", "named", "record", "untold")

    def __init__(self, record: R, name: str, coro: object, creator: object, carried: R | None) -> None:
        self.record: R | None = record
        self.name = name
        self.coro: object = coro
        self.creator: object = creator
        self.carried = carried  # what a context of the caller's says by itself
        self.untold = True
        self.named = False  # whether the task has its name from whoever makes it

    def close(self) -> None:
        """Let go of what it refers to: contexts that outlive the call keep it."""
        self.record = self.coro = self.creator = self.carried = None
        self.untold = False


type AnyCreation = Creation[Any]

current: Final[ContextVar[AnyCreation | None]] = ContextVar("episodic_creation", default=None)


def create[T](
    make: Callable[..., asyncio.Task[T]],
    factory: object,
    coro: object,
    kwargs: Kwargs,
    optional: Kwargs,
    creation: AnyCreation | None,
) -> asyncio.Task[T]:
    """Return ``make(coro, **kwargs)``, with what `factory` takes of `optional`, in sight of `creation`."""
    context: Context | None = kwargs.get("context")
    if context is not None and is_entered(context):
        if kwargs.get("eager_start"):
            raise RuntimeError("no eager start in a context already entered; pass context.copy()")
        if factory is not None:
            kwargs["eager_start"] = False  # it may be one that starts eagerly unless told otherwise
        context = None  # it cannot be written to from here, and need not be: its task starts later
    if creation is None:
        return offer(make, factory, coro, kwargs, optional)
    unnamed = "name" not in kwargs
    lent = None if context is None else context.run(current.set, creation)
    task: asyncio.Task[T] | None = None
    try:
        with current.set(creation):
            task = offer(make, factory, coro, kwargs, optional)
        # A name that nobody asked for is not handed to foreign factories, and Sentry's overwrites any.
        if not creation.named and (unnamed or is_unstarted(coro)):
            with suppress(AttributeError, TypeError):  # a future of its own may have no name
                task.set_name(creation.name)
        return task
    finally:
        if context is not None and lent is not None:
            context.run(current.reset, lent)
        creation.close()
        del task


def make_beneath[R](
    inner: Callable[..., R], loop: asyncio.AbstractEventLoop, coro: object, kwargs: Kwargs, optional: Kwargs
) -> R:
    """Return what `inner`, a factory beneath one of ours, makes of what was supplied and of `optional`."""
    if not isinstance(loop, asyncio.BaseEventLoop):  # uvloop hands on what was not supplied, as None
        kwargs = supplied(**kwargs)
    if optional and (creation := current.get()):
        creation.untold = True  # again, for a factory of ours beneath
    return offer(partial(inner, loop), inner, coro, kwargs, optional)


def take(loop: asyncio.AbstractEventLoop) -> AnyCreation | None:
    """Empty the cell, if the running task has filled it."""
    creation = current.get()
    if creation is None or not creation.untold or creation.creator is not asyncio.current_task(loop):
        return None
    creation.untold = False
    return creation


def first_step_of(task: asyncio.Future[Any] | None) -> AnyCreation | None:
    """The creation whose eager first step this is, if it is `task` that runs it."""
    creation = current.get()
    if creation is None or creation.coro is None or not isinstance(task, asyncio.Task):
        return None
    # The coroutine is the task's own, or runs in it: what awaits is a frame further out.
    own = getattr(task.get_coro(), "cr_frame", None)
    frame = getattr(creation.coro, "cr_frame", None)
    if own is None or task is creation.creator:
        return None
    while frame is not None and frame is not own:
        frame = frame.f_back
    return None if frame is None else creation


# --- keywords that may be refused ------------------------------------------------------------------------

_TASK: Final = frozenset({"name", "context", "eager_start"})  # what asyncio.Task takes
# By module and qualified name: the keywords that a factory takes, or the variable with what it hands them to.
_KNOWN: Final[Mapping[tuple[str, str], frozenset[str] | str]] = {
    ("asyncio.tasks", "create_eager_task_factory.<locals>.factory"): "custom_task_constructor",
    ("sentry_sdk.integrations.asyncio", "patch_asyncio.<locals>._sentry_task_factory"): "orig_task_factory",
    ("aiomonitor.monitor", "Monitor._create_task"): frozenset({"name", "context"}),
}
# How a call says that it does not take a keyword; C only counts when there are many.
_REFUSAL: Final = r"unexpected keyword argument '{0}'|takes no keyword|takes at most \d+ .*\(\d+ given\)"
_refused: Final[WeakKeyDictionary[object, set[str]]] = WeakKeyDictionary()


def offer[R](make: Callable[..., R], factory: object, coro: object, kwargs: Kwargs, optional: Kwargs) -> R:
    """Return ``make(coro, **kwargs)`` with as much of `optional` as `factory`, which it calls, takes."""
    if factory is None:
        return make(coro, **kwargs)
    if kwargs.get("eager_start") is False:  # who does not know the word does not start eagerly
        optional["eager_start"] = kwargs.pop("eager_start")
    offered = {key: value for key, value in optional.items() if _takes(factory, key)}
    while True:
        try:
            return make(coro, **kwargs, **offered)
        except TypeError as error:
            text = str(error)
            refused = next((key for key in offered if re.search(_REFUSAL.format(key), text)), None)
            if refused is None or not is_unstarted(coro):
                raise
        del offered[refused]
        _refused.setdefault(_code(factory), set()).add(refused)


def _takes(factory: object, key: str) -> bool:
    if factory is None or factory is asyncio.tasks.Task:
        return key in _TASK
    known = _KNOWN.get((getattr(factory, "__module__", ""), getattr(factory, "__qualname__", "")))
    if isinstance(known, str):
        function: Any = factory
        variables: tuple[str, ...] = function.__code__.co_freevars
        return _takes(function.__closure__[variables.index(known)].cell_contents, key)
    if known is not None:
        return key in known
    return key not in _refused.get(_code(factory), ())


def _code(factory: object) -> object:
    """What factories made by the same code have in common: that code; of a class, the class."""
    while isinstance(factory, partial):
        factory = cast("partial[object]", factory).func
    if isinstance(factory, type):
        return cast("object", factory)
    function: object = getattr(factory, "__func__", factory)  # of a bound method
    return getattr(function, "__code__", type(factory))  # an object that can be called has none


class OverAnother:
    """A task factory over another, `inner`, that is recognized as asyncio's eager one where that is it."""

    inner: Any

    @property
    def __code__(self) -> CodeType:
        return self._eager().__code__

    @property
    def __closure__(self) -> tuple[CellType, ...] | None:
        return self._eager().__closure__

    def _eager(self) -> FunctionType:
        if getattr(self.inner, "__code__", None) is asyncio.eager_task_factory.__code__:
            return self.inner
        raise AttributeError("not over asyncio's eager task factory")


def factory_of(loop: asyncio.AbstractEventLoop) -> Any:
    """The task factory of a loop, also of one that does not tell."""
    try:
        return loop.get_task_factory()
    except NotImplementedError:  # as an abstract event loop's
        return None


def supplied(**kwargs: object) -> Kwargs:
    """The keywords that are not ``None``: what was not supplied is not handed on."""
    return {key: value for key, value in kwargs.items() if value is not None}


# --- contexts and coroutines -----------------------------------------------------------------------------


def is_entered(context: Context) -> bool:
    """Whether a context is entered, here or in another thread."""
    try:
        context.run(str)
    except RuntimeError:
        return True
    return False


def is_unstarted(coro: object) -> bool:
    """Whether a coroutine has not taken its first step; of what is none of Python's, nobody knows."""
    return not iscoroutine(coro) or getcoroutinestate(coro) == CORO_CREATED


def close(coro: object) -> None:
    """Close a coroutine of which no task will be made; it is then not said to be unawaited."""
    if asyncio.iscoroutine(coro):
        coro.close()
