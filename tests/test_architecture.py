"""What may import what, who may create tasks, and what may stand at the top: said here and nowhere else."""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "episodic"

TOP = {
    *(".ci", ".gitignore", "LICENSE", "Makefile", "README.md"),
    *("docs", "episodic", "pyproject.toml", "tests"),
}

# Imports run down, never up; what is not named is below all: the heart, task metadata.
LAYERS = (
    {"cli", "__main__"},
    {"queueing"},
    {"observability"},
    {"settings"},
    {"publishing"},
    {"canonical"},
)

# Within canonical/: entities and value objects, what services ask for, and what everybody may use.
SHARED = {
    *("sources", "document", "resolved", "domain", "jobs", "queue", "ports", "errors", "exhaustion"),
    *("contents", "editing", "finding", "gathering", "hands", "heartbeat", "limits", "text"),
}
# The services: each knows shared ground and what composes, and no adapter, so not each other.
SERVICES = {"ingestion_service", "editing_service", "removal_service", "pruning", "verification"}
# What three of the services have made: a revision that is not yet stored.
COMPOSING = {"composition"}
# What implements the ports: each knows shared ground and its own folder.
ADAPTERS = {"normalizers", "weighting", "resolution", "tei", "storage"}

# Third-party packages by the place that may import them; a place that is not listed may import none.
PACKAGES = {
    "cli": {"cyclopts", "msgspec", "platformdirs", "rich"},
    "queueing": {"procrastinate", "psycopg", "sqlalchemy"},
    "settings": {"msgspec", "platformdirs"},
    "observability": {"opentelemetry", "rich"},
    "publishing": {"docx", "msgspec"},
    "canonical/normalizers": {
        "babel",
        "chardet",
        "docx",
        "gcld3",
        "langcodes",
        "lxml",
        "markdown_it",
        "msgspec",
        "pypdfium2",
        "trafilatura",
        "yaml",
    },
    "canonical/resolution": {"rapidfuzz", "text_to_num"},
    "canonical/tei": {"lxml"},
    "canonical/storage": {"aiosqlite", "alembic", "msgspec", "psycopg", "sqlalchemy"},
}

# Folders whose heads tell a stranger the way through them, with a word on each module.
PLANNED = (
    "canonical",
    "canonical/composition",
    "canonical/editing",
    "canonical/normalizers",
    "canonical/normalizers/isolation",
    "canonical/normalizers/speech",
    "canonical/resolution",
    "canonical/resolution/editors",
    "canonical/tei",
    "canonical/text",
)

# What lies below all and has nothing to do with tasks.
OPEN_TO_ALL = {"parentage", "whole_file"}

# The only module in canonical/ that creates tasks; nothing there reads what is said of them.
TASKS = "canonical/ingestion_service"
TASK_MAKERS = {
    "TaskGroup",
    "create_task",
    "create_task_in_group",
    "ensure_future",
    "run_coroutine_threadsafe",
}
METADATA_READERS = {"task_metadata", "current_task_metadata", "install_task_factory", "set_task_factory"}

PATHS = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().removesuffix("/__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
MODULES = list(PATHS)
CANONICAL = [module for module in MODULES if module.startswith("canonical/")]


def in_place(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}/")


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse(PATHS[module].read_text())


@cache
def statements(module: str) -> list[ast.AST]:
    """Every node that is there when the program runs: what only type checkers read is no import."""
    nodes: list[ast.AST] = [parsed(module)]
    for node in nodes:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            nodes += node.orelse
        else:
            nodes += ast.iter_child_nodes(node)
    return nodes


def imports(module: str) -> Iterator[str]:
    for node in statements(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if own(inner) in PATHS else node.module


def own(name: str) -> str:
    """The module of ours that has this name: ``canonical/ports``."""
    return name.removeprefix("episodic.").replace(".", "/") if name.startswith("episodic.") else ""


ARROWS = {
    module: {own(name) for name in imports(module) if own(name) in PATHS} - {module, ""} for module in MODULES
}


def arrows_from_canonical(module: str) -> set[str]:
    """What a module of canonical/ knows there: files and folders."""
    names = {name.removeprefix("canonical/") for name in ARROWS[module] if name.startswith("canonical/")}
    return {name.partition("/")[0] for name in names}


def test_nothing_else_stands_at_the_top() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    found = {path.name for path in ROOT.iterdir()} - {name.strip("/") for name in ignored} - {".git"}
    assert found <= TOP


@pytest.mark.parametrize("folder", PLANNED)
def test_the_head_of_a_folder_names_all_that_is_in_it(folder: str) -> None:
    head = ast.get_docstring(ast.parse((PACKAGE / folder / "__init__.py").read_text())) or ""
    inside = f"{folder}/"
    there = {each.removeprefix(inside).partition("/")[0] for each in MODULES if each.startswith(inside)}
    assert set(re.findall(r"`(\w+)`", head)) >= there


def test_no_files_import_each_other_in_a_circle() -> None:
    list(TopologicalSorter(ARROWS).static_order())  # it names the files of a circle


@pytest.mark.parametrize("folder", sorted({module.rpartition("/")[0] for module in MODULES}))
def test_what_lies_in_a_folder_is_not_tied_in_a_circle(folder: str) -> None:
    # A folder in it counts as one: what lies beside it either uses it or is used by it.
    inside = f"{folder}/" if folder else ""

    def beside(module: str) -> str:
        return module.removeprefix(inside).partition("/")[0] if module.startswith(inside) else ""

    arrows: dict[str, set[str]] = {}
    for module, known in ARROWS.items():
        arrows.setdefault(beside(module), set()).update({beside(other) for other in known} - {beside(module)})
    list(TopologicalSorter({place: known - {""} for place, known in arrows.items() if place}).static_order())


def test_imports_run_down() -> None:
    def layer(module: str) -> int:
        top = module.partition("/")[0]
        return next((n for n, places in enumerate(LAYERS) if top in places), len(LAYERS))

    assert not [(module, up) for module in MODULES for up in ARROWS[module] if layer(up) < layer(module)]


@pytest.mark.parametrize("place", sorted({module.split("/")[1] for module in CANONICAL}))
def test_a_place_in_canonical_knows_what_it_may(place: str) -> None:
    assert place in SHARED | SERVICES | COMPOSING | ADAPTERS, "say what it is"
    allowed = SHARED | {place} | (COMPOSING if place in SERVICES else set[str]())
    inside = [module for module in CANONICAL if in_place(module, f"canonical/{place}")]
    assert [(module, more) for module in inside if (more := arrows_from_canonical(module) - allowed)] == []


def test_third_party_packages_stay_in_their_places() -> None:
    def strangers(module: str) -> set[str]:
        allowed = set[str]().union(*(names for place, names in PACKAGES.items() if in_place(module, place)))
        found = {name.partition(".")[0] for name in imports(module)}
        return found - set(sys.stdlib_module_names) - {"episodic"} - allowed

    assert [(module, more) for module in MODULES if (more := strangers(module))] == []


def names_used(module: str) -> set[str]:
    nodes = statements(module)
    named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return named | {node.id for node in nodes if isinstance(node, ast.Name)}


def test_nobody_in_canonical_reads_metadata() -> None:
    assert [(module, read) for module in CANONICAL if (read := names_used(module) & METADATA_READERS)] == []


def test_inside_canonical_only_the_service_creates_tasks() -> None:
    others = [module for module in CANONICAL if module != TASKS]
    assert [(module, makes) for module in others if (makes := names_used(module) & TASK_MAKERS)] == []
    for module in others:
        outside = {name for name in ARROWS[module] if not name.startswith("canonical/")}
        assert outside <= OPEN_TO_ALL, module


def test_no_expression_is_compiled_as_its_module_loads() -> None:
    found: list[str] = []
    for module in MODULES:
        # `task_names` is below all, and what says it nowhere need not be looked through
        if module != "task_names" and "re.compile(" in PATHS[module].read_text():
            body = parsed(module).body
            loaded = [node for node in body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
            found += [module for node in loaded if "re.compile(" in ast.unparse(node)]
    assert found == [], "say `pattern` of text/patterns"


# A migration is a list of statements, which nobody reads as steps.
LONG = {("canonical/storage/migrations/versions/0001_episodes", "upgrade")}


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    documented = ast.get_docstring(node) is not None
    begins = node.body[0].end_lineno if documented else node.lineno - 1
    return (node.end_lineno or 0) - (begins or 0)


def test_no_function_is_longer_than_50_lines() -> None:
    functions = (
        (module, node)
        for module in MODULES
        for node in statements(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (module, node.name) not in LONG
    )
    assert [(module, node.name) for module, node in functions if lines(node) > 50] == []


def test_no_two_classes_that_others_see_have_one_name() -> None:
    classes = (node for module in MODULES for node in statements(module) if isinstance(node, ast.ClassDef))
    counts = Counter(node.name for node in classes if not node.name.startswith("_"))
    assert [name for name, times in counts.items() if times > 1] == []


def test_types_are_said_in_all_but_a_few_places() -> None:
    lines = (line for path in PATHS.values() for line in path.read_text().splitlines())
    in_types = re.compile(r"\bAny\b(?! [a-z])")  # and not in sentences
    assert sum(in_types.search(line) is not None for line in lines) < 60


def test_make_runs_nothing_that_the_name_of_its_folder_says(tmp_path: Path) -> None:
    folder = tmp_path / """$(touch a) `touch b` "q' d; touch c #"""
    (folder / "__pycache__").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    for target in ("help", "clean"):
        subprocess.run(["make", target], cwd=folder, check=True, capture_output=True)
    assert [file.name for file in tmp_path.rglob("*")] == [folder.name, "Makefile"]
