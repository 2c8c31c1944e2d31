"""A plug-in for tests: with this folder on PYTHONPATH, sources may act, and progress is told when tests say.

Python imports a module of this name at its start, in every process of the program. What is changed here is
changed when it loads: formats alone take a quarter of a start, and few commands read sources. Where it counts
what a source does when, they load at once.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def registry_loaded(_: ModuleType) -> None:
    importlib.import_module("acting")


def progress_loaded(module: Any) -> None:
    module.Progress.__init__.__kwdefaults__["interval"] = float(os.environ["TESTS_PROGRESS_SECONDS"])


AFTER = {
    "episodic.canonical.normalizers.registry": registry_loaded,
    "episodic.observability.progress": progress_loaded,
}


class Finder:
    """Finds what is to be changed as others do, and has it changed once it is loaded."""

    def find_spec(
        self, name: str, _: Sequence[str] | None, __: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in AFTER:
            return None
        change = AFTER.pop(name)
        spec = importlib.util.find_spec(name)
        assert spec
        loader: Any = spec.loader
        load = loader.exec_module

        def load_and_change(module: ModuleType) -> None:
            load(module)
            change(module)

        loader.exec_module = load_and_change
        return spec


sys.meta_path.insert(0, Finder())
if "TESTS_LOADED" in os.environ:
    importlib.import_module("episodic.canonical.normalizers.registry")
