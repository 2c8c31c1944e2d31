"""Who may import what, and who may create tasks: what the import contracts cannot say."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "episodic"

# Third-party packages by the place that may import them; a place that is not listed may import none.
ALLOWED = {
    "cli": {"cyclopts", "msgspec", "platformdirs", "rich"},
    "settings.py": {"msgspec", "platformdirs"},
    "observability": {"opentelemetry", "rich"},
    "canonical/normalizers": {
        "babel",
        "chardet",
        "docx",
        "langcodes",
        "lxml",
        "markdown_it",
        "msgspec",
        "pypdfium2",
        "trafilatura",
        "yaml",
    },
    "canonical/resolution": {"rapidfuzz"},
    "canonical/tei": {"lxml"},
    "canonical/storage": {"aiosqlite", "alembic", "msgspec", "psycopg", "sqlalchemy"},
}
ADAPTERS = ("normalizers", "resolution", "storage", "tei")
TASK_MAKERS = {
    "TaskGroup",
    "create_task",
    "create_task_in_group",
    "ensure_future",
    "run_coroutine_threadsafe",
}

MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def imports(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((PACKAGE / module).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", MODULES)
def test_third_party_packages_stay_in_their_places(module: str) -> None:
    allowed = set[str]().union(
        *(names for place, names in ALLOWED.items() if module == place or module.startswith(f"{place}/"))
    )
    found = {name.partition(".")[0] for name in imports(module)} - set(sys.stdlib_module_names) - {"episodic"}
    assert found <= allowed


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_adapters_do_not_know_each_other(adapter: str) -> None:
    others = tuple(f"episodic.canonical.{other}" for other in ADAPTERS if other != adapter)
    for module in MODULES:
        if module.startswith(f"canonical/{adapter}/"):
            known = {name for name in imports(module) if name.startswith(others)}
            assert not known, module


def test_the_service_knows_ports_only() -> None:
    adapters = tuple(f"episodic.canonical.{adapter}" for adapter in ADAPTERS)
    assert not [name for name in imports("canonical/ingestion_service.py") if name.startswith(adapters)]


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("canonical/")])
def test_inside_canonical_only_the_service_creates_tasks_and_nobody_reads_metadata(module: str) -> None:
    tree = ast.parse((PACKAGE / module).read_text())
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    named |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    readers = {"task_metadata", "current_task_metadata", "install_task_factory", "set_task_factory"}
    if module != "canonical/ingestion_service.py":
        assert not named & TASK_MAKERS
        assert not [name for name in imports(module) if name.startswith("episodic.asyncio_tasks")]
    assert not named & readers
