"""Markup that no page should hold loses no text and raises nothing of a parser's."""

import pytest

from episodic.canonical.errors import SourceLimitError
from episodic.canonical.sources import ClaimField, NormalizedSource
from tests.canonical.normalizers.conftest import Normalize

_SHAPES = [
    "<p>one</p><body><p>two</p></body><body><p>three</p></body>",
    "<html><body><p>one</p></body><p>two</p></html><p>three</p>",
    "<p>one</p></BODY\n><p>two</p></html x><p>three</p>",
    "<!DOCTYPE html><html><head></head><p>one</p><html><p>two</p><p>three</p>",
    "<p>one</p><body-x><p>two</p></body-x><p>three</p></body",
]
_DEPTHS = [300, 5000]


def _feed(description: str) -> str:
    item = f"<item><title>Salt</title><description><![CDATA[{description}]]></description></item>"
    return f"<rss><channel>{item}</channel></rss>"


def _words(source: NormalizedSource) -> list[str]:
    return " ".join(passage.text for passage in source.passages).split()


@pytest.mark.parametrize("markup", _SHAPES)
async def test_what_follows_the_end_of_a_body_is_read_from_a_feed(normalize: Normalize, markup: str) -> None:
    source = await normalize(_feed(markup))
    assert _words(source)[-3:] == ["one", "two", "three"]


@pytest.mark.parametrize("markup", _SHAPES)
async def test_what_follows_the_end_of_a_body_is_said(normalize: Normalize, markup: str) -> None:
    source = await normalize(f"<cite>Ada:</cite><time>0:01</time>{markup}", format="podcast-html")
    assert [said.text for said in source.utterances] == ["one", "two", "three"]


@pytest.mark.parametrize("markup", _SHAPES)
async def test_what_follows_the_end_of_a_body_is_read_from_a_page(normalize: Normalize, markup: str) -> None:
    source = await normalize(markup, "page.html", format="html")
    assert [passage.text for passage in source.passages] == ["one", "two", "three"]


@pytest.mark.parametrize(
    "markup", ["<html>", "<frameset><frame src=x></frameset>", "</body>", "<!doctype html>"]
)
async def test_a_description_of_nothing_is_none(normalize: Normalize, markup: str) -> None:
    source = await normalize(_feed(markup))
    assert [claim.value for claim in source.claims if claim.field is ClaimField.TITLE] == ["Salt"]
    assert not [words for words in _words(source) if words != "Salt"]


@pytest.mark.parametrize("depth", _DEPTHS)
async def test_text_inside_thousands_of_elements_is_read_from_a_feed(
    normalize: Normalize, depth: int
) -> None:
    source = await normalize(
        _feed("<p>one</p>" + "<div>" * depth + "two" + "</div>" * depth + "<p>three</p>")
    )
    assert _words(source)[-3:] == ["one", "two", "three"]


@pytest.mark.parametrize("format", ["html", "podcast-html"])
@pytest.mark.parametrize("depth", _DEPTHS)
async def test_a_page_of_thousands_of_elements_in_one_another_is_refused(
    normalize: Normalize, depth: int, format: str
) -> None:
    page = "<cite>Ada:</cite><time>0:01</time><p>one</p>" + "<div>" * depth + "<p>two</p>" + "</div>" * depth
    with pytest.raises(SourceLimitError, match="has elements nested more than 200 deep, the limit"):
        await normalize(page, format=format)


async def test_a_short_page_that_marks_no_article_keeps_its_headline_and_its_lists(
    normalize: Normalize,
) -> None:
    links = '<ul><li><a href="https://e.example/lens">The lens</a></li><li>196 steps</li></ul>'
    page = (
        "<html><body><header><h1>The Lamp</h1><nav><a href='/'>Home</a></nav></header>"
        f"<div><h1>First Light</h1><p>Maya climbs the tower.</p>{links}</div></body></html>"
    )
    source = await normalize(page, "page.html")
    assert [(passage.kind, passage.text) for passage in source.passages] == [
        ("heading", "First Light"),
        ("paragraph", "Maya climbs the tower."),
        ("list_item", "The lens"),
        ("list_item", "196 steps"),
    ]
    assert [claim.value for claim in source.claims] == ["First Light", "https://e.example/lens"]


async def test_a_page_of_google_docs_keeps_its_comments_to_itself_and_its_links_to_their_targets(
    normalize: Normalize,
) -> None:
    page = (
        "<html><body><p>See <a href='https://www.google.com/url?q=https://e.example/a?b%3D1%26c%3D2&amp;sa=D'>"
        "the paper</a><sup><a href='#cmnt1' id='cmnt_ref1'>[a]</a></sup>.</p>"
        "<div><p><a href='#cmnt_ref1' id='cmnt1'>[a]</a><span>Is this true?</span></p></div></body></html>"
    )
    source = await normalize(page, "notes.html")
    assert [passage.text for passage in source.passages] == ["See the paper."]
    assert [(claim.value, claim.qualifier) for claim in source.claims] == [
        ("https://e.example/a?b=1&c=2", "the paper")
    ]


async def test_a_transcript_may_be_a_table(normalize: Normalize) -> None:
    said = [("Ada", "Hello."), ("Bo", "Good evening."), ("Ada", "Shall we?")]
    rows = "".join(f"<tr><td>{name}:</td><td>{words}</td></tr>" for name, words in said)
    source = await normalize(f"<html><body><table>{rows}</table></body></html>", "page.html")
    assert [(utterance.speaker, utterance.text) for utterance in source.utterances] == said


async def test_names_that_are_styled_as_speakers_speak_where_they_begin_a_line_and_not_in_notes(
    normalize: Normalize,
) -> None:
    notes = (
        "<html><body><h1>Light</h1>"
        "<p>With <a class='speaker'>Ada</a> and <a class='speaker'>Bo</a>, of Wick.</p>"
        "<ul><li><a class='speaker'>Ada</a>, engineer</li><li><a class='speaker'>Bo</a></li></ul>"
        "<p><i class='speaker'>Ada says why, and how it was lit before there was a light, or a way.</i></p>"
        "<p>Guest: <b class='speaker'>Ada</b></p><p><b class='speaker'>Bo</b> is of Wick.</p></body></html>"
    )
    source = await normalize(notes, "notes.html")
    assert not source.utterances
    assert [passage.text for passage in source.passages] == [
        "Light",
        "With Ada and Bo, of Wick.",
        "Ada, engineer",
        "Bo",
        "Ada says why, and how it was lit before there was a light, or a way.",
        "Guest: Ada",
        "Bo is of Wick.",
    ]
    talk = "".join(
        f"<p><time>0:0{at}</time> <span class='speaker'><b class='speaker-name'>{name}</b></span> {words}</p>"
        for at, (name, words) in enumerate([("Ada", "Hello."), ("Bo", "Hello, Ada."), ("Ada", "Shall we?")])
    )
    row = "<table><tr><td><b class='speaker'>Bo</b></td><td>We shall.</td></tr></table>"
    source = await normalize(f"<html><body>{talk}{row}</body></html>", "page.html")
    assert [(said.speaker, said.text) for said in source.utterances] == [
        ("Ada", "Hello."),
        ("Bo", "Hello, Ada."),
        ("Ada", "Shall we?"),
        ("Bo", "We shall."),
    ]


_BOXES = [
    "<details><summary>Read the full transcript</summary>{}</details>",
    "<section><h2>Transcript</h2>{}</section>",
    '<div><div><h4>Transcript</h4><button><svg/></button></div><div class="content">{}</div></div>',
    "<ul><li><h4><button><span>Full Transcript</span></button></h4><div>{}</div></li></ul>",
    "<div><div role=button><a>Episode Transcript</a></div><div>{}</div></div>",
    "<div><h2>Transcript</h2><p>January</p></div><div>{}</div>",
]


@pytest.mark.parametrize("box", _BOXES)
@pytest.mark.parametrize("page", ["<h1>Lamp</h1><p>Of a tower.</p>{}", "<main><h1>Lamp</h1>{}</main>"])
@pytest.mark.parametrize(
    "behind",
    [
        "<p>Music is by Ann Lee.</p>",
        "<p>We are made by <b>us</b>.</p><ul><li>Write to us</li></ul>",
        "<h2>Contact</h2><p>Press: a@b.example</p>",
        "<p><b>Credits:</b> Ann Lee</p>",
        "in 2026<p>Bye</p>",
    ],
)
async def test_what_is_behind_the_box_of_a_transcript_is_not_said(
    normalize: Normalize, box: str, page: str, behind: str
) -> None:
    said = [("Ada", "How far does it shine?"), ("Bob", "Some twenty miles, and farther on a clear night.")]
    speech = "".join(f"<p><b>{name}:</b> {text}</p>" for name, text in (*said, *said))
    if "January" in box:  # where the speech ends nobody can tell
        behind = ""
    source = await normalize(
        f"<!doctype html><html><body>{page.format(box.format(speech) + behind)}</body></html>", "page.html"
    )
    assert [(each.speaker, each.text) for each in source.utterances] == [*said, *said]


@pytest.mark.parametrize("line", ["<p><b>{}</b> {}</p>", "<p><strong>{} </strong>{}</p>"])
async def test_a_name_that_only_stands_out_speaks_where_it_comes_again(
    normalize: Normalize, line: str
) -> None:
    said = [("Maya Okafor", "How far?"), ("Tomás", "¿Quién sabe? Twenty miles."), ("Maya Okafor", "I see.")]
    page = f"<html><body><h1>Lamp</h1>{''.join(line.format(*each) for each in said)}</body></html>"
    source = await normalize(page, "page.html")
    assert [(each.speaker, each.text) for each in source.utterances] == said
