"""The episode as a page: what stands in it, and that nothing in it can act."""

import re
import subprocess
import sys
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from episodic.canonical.document import (
    CanonicalUtterance,
    PassageReading,
    PassageVariation,
    Reading,
    Variation,
)
from episodic.canonical.domain import Revision
from episodic.canonical.jobs import Step
from episodic.canonical.sources import Claim, ClaimField, Passage, PassageKind, Signals, SourceType, Utterance
from episodic.canonical.tei import reader
from episodic.cli.page import Audio, place_of
from episodic.cli.page.markup import Markup, html, web_address
from tests.canonical.making import source, transcript, weighted
from tests.cli.pages import JOB, page_of, revision_of

ROOT = Path(__file__).parents[2]
HOSTILE = """</title></style></script><script>alert(1)</script><img src=x onerror="alert(2)">'"&amp;\u202e"""


class Elements(HTMLParser):
    """Every element of a page with its attributes, and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, *names: str) -> Iterator[tuple[str, str]]:
        for tag, attributes in self.found:
            yield from ((tag, value) for name in names if (value := attributes.get(name)))


def two_transcripts() -> Revision:
    return revision_of(
        transcript(600, Utterance("So maybe it works.", "cue 1", "Ada", 1.0, 2.0), uri="a.vtt"),
        transcript(500, Utterance("So baby it works.", "cue 1", "Ada", 1.0, 2.0), uri="b.vtt"),
    )


def hostile_revision() -> Revision:
    claims = [Claim(about, HOSTILE, "item 1", HOSTILE) for about in ClaimField]
    links = [
        Claim(about, "javascript:alert(3)", "item 2", "label")
        for about in (ClaimField.LINK, ClaimField.MEDIA, ClaimField.TRANSCRIPT)
    ]
    passages = [Passage(kind, HOSTILE, "line 1", 1) for kind in PassageKind]
    signals = Signals(notes=(HOSTILE,))
    said = [Utterance(HOSTILE, "cue 1", HOSTILE, 1.0, 2.0)]
    return revision_of(
        weighted(900, source(uri=HOSTILE, source_type=SourceType.RSS, claims=claims + links)),
        weighted(800, source(uri="n.md", source_type=SourceType.RESEARCH_NOTES, passages=passages)),
        weighted(700, source(uri="a.vtt", utterances=said, signals=signals, language=HOSTILE)),
        weighted(600, source(uri="b.vtt", utterances=[Utterance(HOSTILE + " other", "cue 1")])),
        title=HOSTILE,
        reason=HOSTILE,
        skipped=HOSTILE,
    )


def test_a_template_escapes_what_is_put_into_it_but_not_markup() -> None:
    nested = t"<i>{'<'}</i>"
    assert html(t'<b title="{HOSTILE[:8]}">{nested}{None}{[t"{1}", "&"]}{0.5:.2f}</b>') == (
        '<b title="&lt;/title&gt;"><i>&lt;</i>1&amp;0.50</b>'
    )
    assert html(t"{Markup('<br>')}") == "<br>"


def test_what_utf_8_cannot_hold_is_replaced() -> None:
    assert html(t"{'a\udcffb\0c'}").encode() == "a\ufffdb\ufffdc".encode()


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "data:text/html,x", "//x.example", "x", "http://[", ""]
)
def test_only_web_addresses_become_links(text: str) -> None:
    assert web_address(text) is None
    assert web_address("https://x.example/a") == "https://x.example/a"


def test_hostile_text_is_text_wherever_it_comes_from() -> None:
    page = page_of(hostile_revision())
    elements = Elements(page)
    assert sorted({tag for tag, _ in elements.found if tag in {"script", "img", "style"}}) == [
        "script",
        "style",
    ]
    assert sum(tag == "script" for tag, _ in elements.found) == 1
    assert not any(name.startswith("on") for _, attributes in elements.found for name in attributes)
    assert not any("javascript:" in target for _, target in elements.attributes("href", "src"))
    assert elements.text.count("alert(1)") > 20


def test_a_page_needs_nothing_but_itself() -> None:
    revision = hostile_revision()
    elements = Elements(page_of(revision, audio=Audio("https://x.example/a.mp3", "https:")))
    loading = {(tag, url) for tag, url in elements.attributes("src", "srcset", "data", "poster", "action")}
    assert loading == {("audio", "https://x.example/a.mp3")}
    assert {tag for tag, _ in elements.attributes("href")} == {"a"}
    assert not {"link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in elements.found}
    styles = (ROOT / "episodic" / "cli" / "page" / "page.css").read_text()
    assert not re.search(r"url\(|@import|image-set", styles)


def test_the_policy_forbids_everything_but_the_pages_own_style_and_script() -> None:
    page = page_of(two_transcripts()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="(.*?)"', page)
    hashes = [
        b64encode(sha256(text.encode()).digest()).decode()
        for text in re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", page, re.DOTALL)
    ]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{hashes[0]}'",
        f"script-src 'sha256-{hashes[1]}'",
        "media-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert 'style="' not in page


def test_a_conflict_shows_its_readings_witnesses_weights_totals_and_reason() -> None:
    page = page_of(two_transcripts()).decode()
    (entry,) = re.findall(r"<details.*?</details>", page)
    said = " ".join(Elements(entry.encode()).text.split())
    for part in ("maybe", "baby", "s1 0.600", "s2 0.500", "0.600 for it"):
        assert part in said, part
    assert "1 point of conflict: 1 worth a look, 0 in spelling only" in page


def test_what_a_witness_does_not_reach_is_no_conflict() -> None:
    revision = revision_of(transcript(600, "One two.", uri="a.vtt"), transcript(500, "One two.", uri="b.vtt"))
    document = reader.read(revision.tei).canonical
    (said,) = [part for part in document.transcript if isinstance(part, CanonicalUtterance)]
    tail = Variation(Reading("two.", ("s1",), 600), (Reading("", ("s2",), 500, "lacuna"),))
    passage = PassageVariation(
        PassageReading((said,), ("s1",), 600), (PassageReading((), ("s2",), 500, "lacuna"),)
    )
    cut = replace(document, transcript=(said._replace(text=("One ", tail)), passage))
    page = page_of(revision, document=cut).decode()
    assert "They agree in everything." in page
    assert '<details class="app' not in page
    assert "Beyond the reach of s2" in page


def test_a_title_in_conflict_shows_what_lost() -> None:
    claimed = [
        weighted(
            weight, source(source_type=SourceType.RSS, claims=[Claim(ClaimField.TITLE, title, "item 1")])
        )
        for weight, title in ((600, "Excel Hell"), (500, "Spreadsheets"))
    ]
    page = page_of(revision_of(*claimed)).decode()
    assert re.search(r"<dt>Title.*?<summary>Excel Hell</summary>.*?Spreadsheets", page)


def test_who_speaks_is_a_conflict_as_well() -> None:
    revision = revision_of(
        transcript(600, Utterance("So maybe it works.", "cue 1", "Ada", 1.0, 2.0), uri="a.vtt"),
        transcript(500, Utterance("So maybe it works.", "cue 1", "Charles", 1.0, 2.0), uri="b.vtt"),
    )
    page = page_of(revision).decode()
    assert "1 point of conflict: 0 worth a look, 0 in spelling only." in page
    assert 'id="spelling"' in page  # and one to walk to
    assert re.search(r"<dt>Who speaks.*?<summary>Ada</summary>.*?Charles.*?who speaks in 1 utterance", page)


def test_a_source_says_whom_it_copies() -> None:
    text = "So maybe it works, and maybe it does not."
    page = page_of(
        revision_of(transcript(600, text, uri="a.vtt"), transcript(500, text, uri="b.vtt"))
    ).decode()
    assert "s2 copies s1 in other packaging" in page.partition('id="s2"')[2]


def test_copies_of_one_text_are_shown_as_one_vote_with_the_reason() -> None:
    text = "So maybe it works, and maybe it does not."
    revision = revision_of(
        transcript(600, text, uri="a.vtt"),
        transcript(500, text, uri="b.vtt"),
        transcript(550, text.replace("does not", "did not"), uri="c.vtt"),
    )
    page = page_of(revision).decode()
    (reason,) = [d.reason for d in revision.decisions if " copies " in d.reason]
    number, _, original, *_ = reason.split()
    shown = f'<span class="copy" title="{reason}">= <a href="#{number}">{number}</a>, one vote</span>'
    assert re.search(rf'<a href="#{original}">{original}</a>&nbsp;<i>0\.\d+</i> {re.escape(shown)}', page)


def test_a_conflict_has_its_address_as_a_link_to_it_and_its_kind() -> None:
    page = page_of(two_transcripts()).decode()
    found = re.findall(r'<details class="app[^"]*" id="(c-[\w.-]+)" data-w="\d+">', page)
    assert found
    addresses = {place_of(each.address): each.address for each in two_transcripts().decisions}
    for place in found:
        assert f'<a href="#{place}"><code>{addresses[place]}</code></a>' in page
    assert '<span class="kind">' in page


def test_chapters_lead_to_their_times() -> None:
    claims = [Claim(ClaimField.CHAPTER, "The climb & more", "line 1", "61.5")]
    page = page_of(
        revision_of(
            weighted(500, source(source_type=SourceType.RSS, claims=claims, uri="f.xml")),
            transcript(600, Utterance("So maybe it works.", "cue 1", "Ada", 1.0, 2.0)),
        )
    ).decode()
    chapters = re.search(r'<nav class="chapters" aria-label="Chapters">(.*?)</nav>', page, re.DOTALL)
    assert chapters
    assert '<a href="#t=61.500"><span class="time">0:01:01</span>' in chapters[1]
    assert "The climb &amp; more" in chapters[1]


def test_every_region_has_a_name() -> None:
    page = page_of(two_transcripts(), job=JOB).decode()
    for section in re.findall(r"<section id=[^>]*>", page):
        (head,) = re.findall(r'aria-labelledby="([^"]+)"', section)
        assert f'<h2 id="{head}">' in page
    assert all("aria-label=" in nav for nav in re.findall(r"<nav[^>]*>", page))


def test_a_passage_that_was_left_out_can_be_read() -> None:
    def sentence(number: int, start: int) -> Utterance:
        return Utterance(f"This is sentence {number} of the story.", f"cue {number}", None, start, start + 1)

    told = [sentence(number, number) for number in range(1, 9)]
    # The other's clock has no room for it, so that it was left out and not missed.
    more = [
        *told[:4],
        Utterance("Nobody else has a word of what is said here today.", "x", None, 5, 35),
        *(sentence(number, number + 30) for number in range(5, 9)),
    ]
    kept = revision_of(transcript(600, *told, uri="a.vtt"), transcript(500, *more, uri="b.vtt"))
    page = page_of(kept).decode()
    assert "11 words of s2 left out here" in page
    assert "Nobody else has a word" in page


def test_sources_show_their_factors_and_skipped_ones_their_error() -> None:
    revision = revision_of(transcript(600, "One."), skipped="no such file")
    page = page_of(revision).decode()
    for part in ("reliability", "0.500 &times; 0.200", "for a test", "no such file"):
        assert part in page


def test_prose_keeps_its_order_and_headings() -> None:
    passages = [
        Passage(PassageKind.HEADING, "Lamps", "line 1", 2),
        Passage(PassageKind.LIST_ITEM, "Whale oil", "line 2", 1),
        Passage(PassageKind.PARAGRAPH, "And paraffin.", "line 3"),
    ]
    notes = weighted(500, source(source_type=SourceType.RESEARCH_NOTES, passages=passages))
    page = page_of(revision_of(notes)).decode()
    assert page.index('aria-level="5"') < page.index("Whale oil") < page.index("And paraffin.")
    assert "<h3>Research notes " in page


def test_the_prose_of_a_feed_is_headed_rss() -> None:
    said = [Passage(PassageKind.PARAGRAPH, "On whale oil.", "item 1")]
    page = page_of(revision_of(weighted(500, source(source_type=SourceType.RSS, passages=said)))).decode()
    assert "<h3>RSS " in page


def test_a_shared_passage_stands_once_and_is_pointed_to() -> None:
    text = "Maya Okafor climbs the tower at Skarholm on the night the lamp is lit again."
    notes = [
        weighted(
            weight,
            source(uri=uri, source_type=kind, passages=[Passage(PassageKind.PARAGRAPH, text, "line 1")]),
        )
        for weight, uri, kind in (
            (600, "n.md", SourceType.RESEARCH_NOTES),
            (500, "b.md", SourceType.BRIEF),
        )
    ]
    page = page_of(revision_of(*notes)).decode()
    assert page.count(text) == 1
    assert re.search(r'<a class="small" href="#(s1\..*?)">shared with s1</a>', page)
    assert 'also in <a href="#s2">s2</a>' in page


def test_the_run_is_told_when_it_is_known() -> None:
    assert f"Job <code>{JOB.id}</code> took 1.5 s" in page_of(two_transcripts(), job=JOB).decode()
    assert "took" not in Elements(page_of(two_transcripts())).text


def test_the_run_says_when_each_step_began_and_what_it_took() -> None:
    page = page_of(revision_of(transcript(600, "One.", uri="show.vtt")), job=JOB).decode()
    table = page.partition('id="run"')[2].partition("<tbody>")[2].partition("\n</tbody>")[0]
    rows = [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in table.splitlines()]
    assert rows == [
        "normalize s1 show.vtt 30 ms 250 ms",
        "normalize gone.txt failed 31 ms 10 ms",
        "resolve 300 ms 1.15 s",
    ]
    bars = re.findall(r'<rect x="(.*?)" width="(.*?)"', table)
    assert bars == [("2", "16.67"), ("2.067", "0.6667"), ("20", "76.67")]


@pytest.mark.parametrize(
    "step",
    [
        Step("write", None, JOB.started_at - timedelta(seconds=9), 0.0),  # the clock was set
        Step("write", None, JOB.started_at + timedelta(days=9), 1e6),
    ],
)
def test_odd_times_of_a_run_stay_in_their_lane(step: Step) -> None:
    page = page_of(two_transcripts(), job=replace(JOB, finished_at=None, steps=(step,))).decode()
    (bar,) = re.findall(r'<rect x="(.*?)" width="(.*?)"', page.partition('id="run"')[2])
    left, width = map(float, bar)
    assert 0 <= left <= left + width <= 100.01


def test_a_run_of_which_no_steps_are_known_is_not_drawn() -> None:
    assert 'id="run"' not in page_of(two_transcripts(), job=replace(JOB, steps=())).decode()


def test_times_lead_into_the_recording() -> None:
    page = page_of(two_transcripts(), audio=Audio("a.mp3", "'self' file:")).decode()
    assert '<a class="time" href="#t=1.000" data-t="1.000" title="Play from here">' in page
    assert 'id="t=1.000"' in page  # where it leads without the script
    assert "media-src 'self' file:;" in page
    assert (
        'href="#t=1.000" data-t="1.000" title="Link to this moment">' in page_of(two_transcripts()).decode()
    )


def test_a_claimed_recording_is_played_only_from_the_web() -> None:
    def claimed(url: str) -> Audio | None:
        claims = [Claim(ClaimField.MEDIA, url, "item 1", "audio/mpeg")]
        revision = revision_of(weighted(500, source(source_type=SourceType.RSS, claims=claims)))
        return Audio.claimed(reader.read(revision.tei).canonical)

    assert claimed("https://x.example/a.mp3") == Audio("https://x.example/a.mp3", "https:")
    assert claimed("javascript:alert(1)") is None
    assert claimed("file:///etc/passwd") is None


def test_speakers_are_named_where_they_change() -> None:
    said = [("Ada", "One."), ("Ada", "Two."), ("Charles", "Three."), ("Ada", "Four.")]
    utterances = [Utterance(text, "cue", name, n, n + 1) for n, (name, text) in enumerate(said)]
    page = page_of(revision_of(transcript(600, *utterances))).decode()
    assert re.findall(r'class="speaker".*?>(.*?)<', page) == ["Ada", "Charles", "Ada"]
    assert page.count('<div class="turn"') == 3


def test_a_long_episode_is_made_quickly_and_stays_small() -> None:
    def said(mark: str) -> list[Utterance]:
        words = [f"word{n}" if n % 4 else f"{mark}{n}" for n in range(15_000)]
        return [
            Utterance(" ".join(words[n : n + 10]) + ".", f"cue {n}", f"Speaker {n % 3}", n / 2, n / 2 + 5)
            for n in range(0, len(words), 10)
        ]

    revision = revision_of(transcript(600, *said("a"), uri="a.vtt"), transcript(500, *said("b"), uri="b.vtt"))
    assert revision.tei.count(b"<app") > 3_000
    began = time.process_time()
    document = reader.read(revision.tei).canonical
    read = time.process_time()
    page = page_of(revision, document=document)
    # Twice what reading its XML takes, as it is measured; a search of all readings for each takes hundreds.
    assert time.process_time() - read < 10 * (read - began)
    assert len(page) < 4 * len(revision.tei)


def test_style_and_script_are_in_the_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert {"episodic/cli/page/page.css", "episodic/cli/page/page.js"} <= set(
        zipfile.ZipFile(wheel).namelist()
    )


def test_texts_are_in_their_language_and_what_is_said_of_them_in_english() -> None:
    said = [
        weighted(weight, source(uri=uri, utterances=[Utterance(text, "cue 1", "ليلى")], language="ar"))
        for weight, uri, text in ((600, "a.vtt", "شكرا جزيلا لكم"), (500, "b.vtt", "شكرا جميلا لكم"))
    ]
    elements = Elements(page_of(revision_of(*said)))
    languages = {(tag, attributes.get("class"), attributes.get("lang")) for tag, attributes in elements.found}
    assert {("h1", None, "ar"), ("div", "said", "ar"), ("b", "speaker", "ar"), ("q", None, "ar")} <= languages
    assert {("html", None, "en"), ("div", "card", "en")} <= languages


def test_the_head_of_the_page_says_which_episode_of_which_series_it_is() -> None:
    said = {
        ClaimField.SERIES: "The Lantern Hour",
        ClaimField.SEASON: "2",
        ClaimField.EPISODE: "12",
        ClaimField.PUBLISHED: "2026-03-03T06:00:00+00:00",
        ClaimField.SUBTITLE: "One piece of glass",
    }
    claims = [Claim(about, value, "item 1") for about, value in said.items()]
    page = page_of(revision_of(weighted(500, source(source_type=SourceType.RSS, claims=claims)))).decode()
    assert ">The Lantern Hour · season 2 · episode 12 · 3 March 2026</p>" in page
    assert ">One piece of glass</p>" in page


def test_another_speaker_without_a_name_begins_a_paragraph() -> None:
    utterances = [
        Utterance("One.", "cue 1"),
        Utterance("Two.", "cue 2", turn=True),
        Utterance("Three.", "cue 3"),
    ]
    page = page_of(revision_of(transcript(600, *utterances))).decode()
    assert page.index("One.") < page.index(">another speaker<") < page.index("Two.")
    assert page.count('class="unknown"') == 1


def test_a_speaker_nobody_knows_is_not_taken_for_the_one_before() -> None:
    utterances = [Utterance("One.", "cue 1", "Ada", 0, 1), Utterance("Two.", "cue 2", None, 1, 2)]
    page = page_of(revision_of(transcript(600, *utterances))).decode()
    assert page.index(">Ada</b>") < page.index('class="unknown"') < page.index("Two.")
