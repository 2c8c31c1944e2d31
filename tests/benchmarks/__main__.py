"""``python -m tests.benchmarks [NAME…]``: run the benchmarks, print them and update the page."""

import importlib
import pkgutil
import sys
from pathlib import Path

from tests.benchmarks import report


def main(wanted: list[str]) -> int:
    here = Path(__file__).parent
    names = [
        m.name
        for m in pkgutil.iter_modules([str(here)])
        if m.name not in {"__main__", "conflicts", "fit", "measures", "names", "pace", "person", "report"}
    ]
    if unknown := set(wanted) - set(names):
        print(f"no benchmark {', '.join(sorted(unknown))}; there is {', '.join(names)}", file=sys.stderr)
        return 2
    for name in wanted or names:
        print(
            report.write(name, importlib.import_module(f"tests.benchmarks.{name}").sections()),
            end="\n\n",
            flush=True,
        )
    return 0


sys.exit(main(sys.argv[1:]))
