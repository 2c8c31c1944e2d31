"""The page: how soon Chromium shows an hour with three witnesses, beside a page of as many plain bytes."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from tests.benchmarks.report import Section, ratios, seconds

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "talk-python"
NAMES = ("395-readme-tools.vtt", "395-readme-tools.txt", "395-readme-tools.youtube.vtt")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PAINTED = "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


def sections() -> list[Section]:
    chromium = shutil.which("chromium")
    if chromium is None or not CORPUS.is_dir():
        return []
    with tempfile.TemporaryDirectory() as folder:
        return [_opened(chromium, Path(folder))]


def _opened(chromium: str, folder: Path) -> Section:
    from playwright.sync_api import sync_playwright

    page = _page(folder)
    cases = {"the page of an episode": page, "as many bytes, the same text in paragraphs": _plain(page)}
    floor = list(cases)[-1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        counts: dict[str, int] = {}

        def show(name: str) -> None:
            tab = browser.new_page(viewport={"width": 1000, "height": 800})
            tab.goto(cases[name].as_uri())
            tab.evaluate(PAINTED)
            counts[name] = tab.evaluate("document.querySelectorAll('*').length")
            tab.close()

        times = seconds({name: (lambda name=name: show(name)) for name in cases}, rounds=7)
        browser.close()
    factors = ratios(times, floor)
    return Section(
        "An hour with three witnesses in Chromium",
        "From the address until the first frame after loading, a new tab included, and its ratio to a page "
        "of the same text and size without anything to click, in the same run. Wanted, on an idle machine: "
        "0.5 s.",
        ("page", "bytes", "elements", "seconds, median", "fastest", "ratio"),
        [
            (
                name,
                f"{file.stat().st_size:,}",
                f"{counts[name]:,}",
                f"{statistics.median(times[name]):.2f}",
                f"{min(times[name]):.2f}",
                f"{factors[name]:.2f}",
            )
            for name, file in cases.items()
        ],
    )


def _page(folder: Path) -> Path:
    file = folder / "page.html"
    environment = os.environ | {"EPISODIC_DATABASE_URL": f"sqlite:///{folder}/episodic.sqlite3"}
    sources = [str(CORPUS / name) for name in NAMES]
    for command in (
        ["ingest", *sources, "--series", "talk-python", "--episode", "395"],
        ["show", "talk-python/395", "--output", str(file)],
    ):
        subprocess.run(
            [sys.executable, "-m", "episodic", *command], env=environment, check=True, capture_output=True
        )
    return file


def _plain(page: Path) -> Path:
    marked = page.read_text("utf-8")
    text = re.sub(r"<[^>]*>", "", re.sub(r"(?s)<(style|script|noscript)>.*?</\1>", "", marked))
    paragraphs = "".join(f"<p>{escape(each)}" for each in re.findall(r"(?s).{1,400}", text))
    plain = f'<!doctype html><meta charset="utf-8"><title>Plain</title>{paragraphs}'
    left = len(marked.encode()) - len(plain.encode()) - len("<!---->")
    file = page.with_name("plain.html")
    file.write_text(f"{plain}<!--{'x' * max(0, left)}-->", encoding="utf-8")
    return file
