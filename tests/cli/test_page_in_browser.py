"""The page in a real browser: Debian's Chromium, without a network."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from episodic.canonical.domain import Revision
from episodic.canonical.sources import Passage, PassageKind, SourceType, Utterance
from episodic.canonical.tei import reader
from episodic.canonical.tei.reader import Spoken
from episodic.cli.commands.decisions import conflicts, contested
from episodic.cli.page import Audio, Download, place_of
from episodic.publishing.formats import ExportFormat
from episodic.publishing.provenance import Provenance
from episodic.publishing.rendering import render
from episodic.publishing.rules import Rules
from tests.canonical.making import source, transcript, weighted
from tests.cli.pages import JOB, page_of, revision_of
from tests.cli.test_page import hostile_revision


@dataclass
class Opened:
    """A page in a browser, what it tried to load, and what the browser complained of."""

    page: Page
    requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])


type Open = Callable[..., Opened]


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")

    def opened(content: bytes) -> Opened:
        file = tmp_path / "page.html"
        file.write_bytes(content)
        seen = Opened(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.set_default_timeout(5_000)
        seen.page.goto(file.as_uri())
        return seen

    yield opened
    context.close()


def conflicting() -> Revision:
    told = [
        ("Ada", "Do you know whether it works, Charles?"),
        ("Charles", "Yes, it does, and it did so yesterday."),
        ("Ada", "Then let us go and see the engine."),
        ("Charles", "It stands in the other room, under a cloth."),
    ]
    heard = ["Do you know weather it works Charles?", "Yes it does, well, and it did so yesterday."]
    heard += ["Nobody else has a word of what is said here today.", "Then let's go and see the engine."]
    heard += ["It stands in the room, under a cloth."]
    return witnesses(told, heard)


def witnesses(told: list[tuple[str, str]], heard: list[str]) -> Revision:
    """One transcript with speakers and one without."""
    return revision_of(
        transcript(
            600, *(Utterance(t, f"cue {n}", s, 5.0 * n, 5.0 * n + 5) for n, (s, t) in enumerate(told))
        ),
        transcript(500, *(Utterance(t, f"cue {n}", None, 4.0 * n) for n, t in enumerate(heard)), uri="b.vtt"),
    )


def words(text: str) -> list[str]:
    return text.split()


# What is off the screen is not laid out, and has no `innerText` then.
SHOWN = """[...document.querySelectorAll('.turn')].map(turn => {
    turn.style.contentVisibility = 'visible';
    return turn.querySelector('.said').innerText;
}).join(' ')"""


def test_it_opens_without_a_complaint_and_loads_nothing_else(open_page: Open) -> None:
    opened = open_page(page_of(conflicting(), job=JOB, audio=Audio("https://x.example/a.mp3", "https:")))
    assert opened.complaints == []
    assert opened.requests == [opened.page.url]


def test_the_text_that_is_shown_is_the_lemma(open_page: Open) -> None:
    revision = conflicting()
    page = open_page(page_of(revision)).page
    assert page.locator(".app").count() >= 4
    assert words(page.evaluate(SHOWN)) == words(reader.read(revision.tei).text())


def test_every_conflict_opens_and_closes_by_keyboard(open_page: Open) -> None:
    page = open_page(page_of(conflicting())).page
    count = page.locator("main .app").count()
    focused = "[...document.querySelectorAll('main .app > summary')].indexOf(document.activeElement)"
    reached: set[int] = set()
    for _ in range(2 * count + 10):
        page.keyboard.press("Tab")
        index = page.evaluate(focused)
        if index >= 0:
            reached.add(index)
            page.keyboard.press("Enter")
            card = page.locator(".app[open] > .card")
            assert card.count() == 1
            assert card.is_visible()
            page.keyboard.press("Escape")
            assert page.locator(".app[open]").count() == 0
            assert page.evaluate(focused) == index
    assert len(reached) == count > 0


def test_cards_are_made_when_they_are_opened_and_are_there_without_a_script(
    open_page: Open, browser: Browser, tmp_path: Path
) -> None:
    page = open_page(page_of(conflicting())).page
    assert page.locator(".app:not(.whole) .card").count() == 0
    context = browser.new_context(java_script_enabled=False)
    unscripted = context.new_page()
    unscripted.goto((tmp_path / "page.html").as_uri())
    unscripted.locator("summary", has_text="whether").click()
    assert "weather" in unscripted.locator(".app[open] .card").inner_text()
    context.close()


def test_a_conflict_opens_by_mouse_under_its_line(open_page: Open) -> None:
    page = open_page(page_of(conflicting())).page
    summary = page.locator("summary", has_text="whether")
    summary.click()
    card = page.locator(".app[open] > .card")
    assert "weather" in card.inner_text()
    above, below = summary.bounding_box(), card.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"] < above["y"] + 60
    assert below["width"] > 400


def test_the_walk_goes_from_conflict_to_conflict_and_round(open_page: Open) -> None:
    page = open_page(page_of(conflicting())).page
    count = page.locator("main .app").count()
    for number in (*range(1, count + 1), 1):
        page.click("#on")
        assert page.locator("#at").inner_text() == f"{number} of {count}"
        assert page.locator(".app[open]").count() == 1
    page.click("#back")
    assert page.locator("#at").inner_text() == f"{count} of {count}"


def test_the_walk_starts_from_what_is_on_the_screen(open_page: Open) -> None:
    told = [(f"Speaker {n % 2}", f"Number {n} is what it says, and then it goes on.") for n in range(120)]
    heard = [text.replace("says", "sang") for _, text in told]
    page = open_page(page_of(witnesses(told, heard))).page
    page.select_option("#order", "text")
    first = """[...document.querySelectorAll('main .app')].findIndex(
        app => app.getBoundingClientRect().top > document.querySelector('.tools').offsetHeight)"""
    for place in ("Number 60", "Number 119"):
        page.get_by_text(place).scroll_into_view_if_needed()
        page.wait_for_timeout(200)  # what comes to be on the screen is laid out, and moves what is below it
        expected = page.evaluate(first)
        assert 0 < expected < 119
        page.locator("#on").dispatch_event("click")  # a real one scrolls to the button before
        assert page.locator("#at").inner_text().startswith(f"{expected + 1} of ")
        page.reload()
        page.select_option("#order", "text")


def test_the_walk_begins_with_what_is_most_worth_mending(open_page: Open) -> None:
    revision = conflicting()
    page = open_page(page_of(revision)).page
    order = contested(conflicts(revision))
    walked: list[str] = []
    for _ in range(page.locator("main .app").count()):
        page.keyboard.press("n")
        walked.append(page.locator(".app[open]").get_attribute("id") or "")
    worths = [int(page.locator(f"#{each}").get_attribute("data-w") or 0) for each in walked]
    assert worths == sorted(worths, reverse=True)
    assert walked[0] == place_of(order[0].decision.address)
    page.keyboard.press("p")
    assert page.locator(".app[open]").get_attribute("id") == walked[-2]


def test_search_finds_words_across_conflicts_and_goes_on(open_page: Open) -> None:
    opened = open_page(page_of(conflicting()))
    page = opened.page
    page.keyboard.press("/")
    page.keyboard.type("KNOW whether it")
    assert page.locator("#found").inner_text() == "1 of 1"
    page.fill("#find", "the")
    found = re.fullmatch(r"1 of (\d+)", page.locator("#found").inner_text())
    assert found
    assert int(found[1]) == page.evaluate(SHOWN).lower().count("the") > 2
    page.keyboard.press("Enter")
    assert page.locator("#found").inner_text() == f"2 of {found[1]}"
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    assert page.locator("#found").inner_text() == f"{found[1]} of {found[1]}"
    marked = "[...CSS.highlights.get('found-here')].map(range => range.toString()).join()"
    assert page.evaluate(marked).lower() == "the"
    page.fill("#find", "nobody says it")
    assert page.locator("#found").inner_text() == "not found"
    page.keyboard.press("Escape")
    assert page.locator("#found").inner_text() == ""
    assert page.evaluate("document.activeElement === document.body")
    assert opened.complaints == []


@pytest.mark.parametrize("fragment", ["t=11", "t=npt:11.5,14", "t=0:00:12.9", "t=00:11"])
def test_a_link_leads_to_its_moment(open_page: Open, fragment: str) -> None:
    page = open_page(page_of(conflicting())).page
    page.goto(f"{page.url}#{fragment}")
    wait(page, "document.querySelector('.u.linked')")
    assert "the engine" in page.locator(".u.linked").inner_text()


def test_a_link_leads_to_its_conflict_and_opens_it(open_page: Open) -> None:
    page = open_page(page_of(conflicting())).page
    place = page.locator("summary", has_text="whether").locator("..").get_attribute("id")
    page.goto(f"{page.url}#{place}")
    wait(page, "document.querySelector('.app[open]')")
    assert page.locator(".app[open]").get_attribute("id") == place
    page.reload()
    wait(page, "document.querySelector('.app[open]')")


def test_a_conflict_gives_the_command_that_decides_it(open_page: Open) -> None:
    opened = open_page(page_of(conflicting()))
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    entry = page.locator("summary", has_text="whether")
    entry.click()
    address = entry.locator("..").locator(".at code").first.inner_text()
    page.get_by_role("button", name="Copy the command").click()
    command = f"episodic decide 'lantern-hour/first-light' '{address}' --reading s2"
    page.get_by_text("copied:").wait_for()
    assert page.locator(".at output code").inner_text() == command
    assert page.evaluate("navigator.clipboard.readText()") == command
    assert opened.complaints == []


def test_keys_go_from_paragraph_to_paragraph_and_play(open_page: Open, tmp_path: Path) -> None:
    silence(tmp_path / "a.wav", 20)
    page = open_page(
        page_of(conflicting(), audio=Audio.file(tmp_path / "a.wav", tmp_path / "page.html"))
    ).page
    focused = "[...document.querySelectorAll('.turn')].indexOf(document.activeElement)"
    reached = [(page.keyboard.press(key), page.evaluate(focused))[1] for key in "jjjkj"]
    assert reached == [0, 1, 2, 1, 2]
    page.keyboard.press(" ")
    wait(page, "!document.querySelector('audio').paused")
    page.keyboard.press(" ")
    wait(page, "document.querySelector('audio').paused")
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("n")
    assert page.locator(".app[open]").count() == 0
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("/")
    page.keyboard.type("n? ")
    assert page.locator("#find").input_value() == "n? "
    assert page.locator(".app[open]").count() == 0


def test_what_is_downloaded_is_in_the_page(open_page: Open) -> None:
    told = b"WEBVTT\n\n00:00.000 --> 00:01.000\nS\xc3\xa4y.\n"
    downloads = [Download("WebVTT", "first-light.vtt", "text/vtt;charset=utf-8", told)]
    opened = open_page(page_of(conflicting(), downloads=downloads))
    with opened.page.expect_download() as saved:
        opened.page.get_by_role("link", name="WebVTT").click()
    assert saved.value.suggested_filename == "first-light.vtt"
    assert Path(saved.value.path()).read_bytes() == told
    assert opened.complaints == []


def test_spelling_can_be_left_out(open_page: Open) -> None:
    revision = conflicting()
    page = open_page(page_of(revision)).page
    spelling, every = page.locator("main .app.spelling").count(), page.locator("main .app").count()
    assert 0 < spelling < every
    page.uncheck("#spelling")
    assert page.locator("#at").inner_text() == f"{every - spelling} conflicts"
    page.locator(".app.spelling > summary").first.click(force=True)
    assert page.locator(".app[open]").count() == 0
    assert words(page.evaluate(SHOWN)) == words(reader.read(revision.tei).text())


def wait(page: Page, expression: str) -> None:
    """Wait until an expression holds; the page's policy lets no `wait_for_function` evaluate in it."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {expression}")


def silence(file: Path, seconds: int) -> None:
    """Write a recording (RIFF WAVE, 8 bits, mono, 8 kHz)."""
    import wave

    with wave.open(str(file), "wb") as recording:
        recording.setparams((1, 1, 8000, 0, "NONE", "not compressed"))
        recording.writeframes(bytes([128]) * 8000 * seconds)


@pytest.mark.parametrize("beside", [True, False], ids=["relative", "absolute"])
def test_an_utterance_plays_from_its_start_when_clicked(
    open_page: Open, tmp_path: Path, beside: bool
) -> None:
    silence(tmp_path / "a show #1.wav", 20)
    audio = Audio.file(tmp_path / "a show #1.wav", tmp_path / "page.html" if beside else None)
    opened = open_page(page_of(conflicting(), audio=audio))
    page = opened.page
    page.locator(".u", has_text="the engine").click(position={"x": 3, "y": 6})
    wait(page, "document.querySelector('audio').currentTime > 10.05")
    assert "the engine" in page.locator("[aria-current]").inner_text()
    page.locator("a.time", has_text="0:00:05").focus()
    page.keyboard.press("Enter")
    wait(page, "document.querySelector('audio').currentTime < 9")
    wait(page, "document.querySelector('[aria-current]').innerText.includes('yesterday')")
    assert opened.complaints == []


def test_a_recording_that_is_gone_is_said_to_be(open_page: Open) -> None:
    page = open_page(page_of(conflicting(), audio=Audio("gone.mp3", "'self' file:"))).page
    page.locator("a.time").first.click()
    wait(page, "document.querySelector('#trouble').textContent.includes('gone.mp3')")


def test_hostile_text_does_nothing(open_page: Open) -> None:
    dialogs: list[str] = []
    opened = open_page(page_of(hostile_revision()))
    opened.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for summary in opened.page.locator("summary").all():
        summary.click()
    assert (dialogs, opened.complaints, opened.requests) == ([], [], [opened.page.url])
    assert opened.page.title() == re.sub(r"\s+", " ", hostile_revision().title).strip()


def test_a_narrow_screen_needs_no_scrolling_sideways(open_page: Open) -> None:
    audio = Audio("https://x.example/a.mp3", "https:")
    page = open_page(page_of(conflicting(), job=JOB, audio=audio)).page
    page.set_viewport_size({"width": 320, "height": 700})
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_dark_and_light_follow_the_system_and_can_be_read(open_page: Open) -> None:
    page = open_page(page_of(conflicting())).page
    colours = "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    light = page.evaluate(colours)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(colours) != light


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_open_conflict_has_contrast_enough_to_be_read(
    open_page: Open, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(page_of(conflicting())).page
    page.emulate_media(color_scheme=scheme)
    page.locator(".app > summary").first.click()
    colours = "element => (({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(element))"
    one, other = map(luminance, page.locator(".app[open] > summary").evaluate(colours))
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Give the relative luminance of ``rgb(…)`` (WCAG 2.2)."""
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def arabic() -> Revision:
    kind, text = PassageKind.LIST_ITEM, "نقطة أولى"
    notes = source(source_type=SourceType.RESEARCH_NOTES, passages=[Passage(kind, text, "line 1", 1)])
    return revision_of(
        transcript(600, Utterance("شكرا جزيلا لكم على الاستماع", "cue 1", "ليلى", 1.0, 2.0), uri="a.vtt"),
        transcript(500, Utterance("شكرا جميلا لكم على الاستماع", "cue 1", "ليلى", 1.0, 2.0), uri="b.vtt"),
        weighted(400, notes),
    )


def test_right_to_left_text_runs_from_the_right_and_what_is_said_of_it_from_the_left(open_page: Open) -> None:
    page = open_page(page_of(arabic())).page
    page.locator("summary").click()
    direction = "element => getComputedStyle(element).direction"
    assert page.locator(".said").evaluate(direction) == "rtl"
    assert page.locator(".card").evaluate(direction) == "ltr"
    assert page.locator(".card q").first.evaluate(direction) == "rtl"


def test_right_to_left_lists_need_no_scrolling_sideways(open_page: Open) -> None:
    page = open_page(page_of(arabic())).page
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_on_paper_there_is_the_text_without_the_tools(open_page: Open) -> None:
    page = open_page(page_of(conflicting())).page
    page.emulate_media(media="print")
    assert not page.locator(".tools").is_visible()
    assert page.locator(".said").first.is_visible()


def test_on_paper_an_open_conflict_stands_above_what_follows(open_page: Open) -> None:
    page = open_page(page_of(conflicting())).page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 600, "height": 800})
    page.evaluate("for (const entry of document.querySelectorAll('.app')) entry.open = true")
    bottom = 0.0
    for turn in page.locator("#transcript > .turn").all():
        cards, by = turn.locator(".card").all(), turn.locator(".by").bounding_box()
        assert by is not None
        assert by["y"] >= bottom
        for box in (card.bounding_box() for card in cards):
            assert box is not None
            bottom = box["y"] + box["height"]
    assert bottom > 0


def test_what_has_the_focus_is_not_under_the_tools(open_page: Open) -> None:
    told = [(f"Speaker {n % 2}", f"Number {n} is what it says, and then it goes on.") for n in range(60)]
    heard = [text.replace("says", "sang") for _, text in told]
    audio = Audio("https://x.example/a.mp3", "https:")
    page = open_page(page_of(witnesses(told, heard), audio=audio)).page
    page.set_viewport_size({"width": 380, "height": 640})
    page.locator("main .app > summary").last.focus()
    covered = """document.activeElement.getBoundingClientRect().top
        < document.querySelector('.tools').getBoundingClientRect().bottom"""
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        assert not page.evaluate(covered)


def test_a_real_episode_opens_with_all_its_conflicts(
    open_page: Open, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{tmp_path}/e.sqlite3")

    def run(*arguments: str) -> bytes:
        # A process of its own: this one has the browser's event loop running.
        return subprocess.run(
            [sys.executable, "-m", "episodic", *arguments], check=True, stdout=subprocess.PIPE
        ).stdout

    files = [str(file) for file in (corpus / "talk-python").glob("395-*")]
    run("ingest", *files, "--series", "talk-python", "--episode", "395")
    page, tei = (run("show", "talk-python/395", "--format", kind) for kind in ("html", "tei"))
    opened = open_page(page)
    assert opened.complaints == []
    assert opened.page.locator("main .app").count() > 500
    text = reader.read(tei).text()
    assert words(opened.page.evaluate(SHOWN)) == words(text)


def test_a_track_of_captions_has_every_cue_with_its_voice(open_page: Open) -> None:
    talk = [
        Spoken("Is it <safe> & sound?", "Ada & Co", 0.0, 2.5),
        Spoken("Yes, --> quite, all the way up to the lamp and down again.", "Charles", 3.0, 6.5),
    ]
    provenance = Provenance("lantern-hour/first-light", 3, "First Light")
    captions = render(ExportFormat.VTT, talk, [], provenance, Rules()).content.decode()
    cues = open_page(b"<!doctype html><video></video>").page.evaluate(
        """async (captions) => {
            const track = document.createElement("track");
            track.src = URL.createObjectURL(new Blob([captions], {type: "text/vtt"}));
            const loaded = new Promise((done, failed) => { track.onload = done; track.onerror = failed; });
            document.querySelector("video").append(track);
            track.track.mode = "showing";
            await loaded;
            return [...track.track.cues].map((cue) => {
                const shown = cue.getCueAsHTML();
                return [cue.startTime, cue.endTime, shown.firstChild.title, shown.textContent];
            });
        }""",
        captions,
    )
    assert cues == [
        [0, 2.5, "Ada & Co", "Is it <safe> & sound?"],
        [3, 6.5, "Charles", "Yes, --> quite, all the way\nup to the lamp and down again."],
    ]
