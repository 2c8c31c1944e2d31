"""A process that works for another ends with it, however that ends and whatever it is doing itself."""

import os
import signal
import sys
import threading
import time
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_LOOK_SECONDS: Final = 0.25


def end_with(parent: int) -> bool:
    """Have this process killed when its parent ends; at once when that has ended.

    Linux does it by itself, so that it holds for code that never comes back to the interpreter. It goes by
    the thread that started this process: that has to stay for as long as this process is to live. Elsewhere
    a thread of ours looks after the parent, if the interpreter lets it.

    Parameters
    ----------
    parent
        The parent's process number, as the parent knows it.

    Returns
    -------
    Whether the kernel does it.
    """
    by_kernel = sys.platform == "linux" and _ask_kernel()
    if os.getppid() != parent:
        os._exit(1)  # it ended before anybody watched
    if not by_kernel:
        threading.Thread(target=_look_after, args=(parent,), daemon=True).start()
    return by_kernel


def _ask_kernel() -> bool:
    import ctypes

    zeros = (ctypes.c_ulong(0),) * 3
    return ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), *zeros) == 0


def _look_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
