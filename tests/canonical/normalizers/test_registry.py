"""Which format a source is in, what it is to the episode, and what is refused."""

import gzip
import hashlib
import json
import subprocess
import sys
from compression import zstd
from dataclasses import replace
from pathlib import Path

import pytest

from episodic.canonical.errors import SourceError, SourceLimitError, UnsupportedFormatError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.engines.engine import Engine
from episodic.canonical.normalizers.engines.table import ENGINES
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.normalizers.registry import FORMATS, by_name, find_format, is_isolated, json_formats
from episodic.canonical.sources import ClaimField, RawSource, SourceType
from tests.benchmarks.normalizers import fan_out, large_captions
from tests.canonical.normalizers.conftest import Normalize

GUIDE = Path(__file__).parents[3] / "docs" / "users-guide.md"
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n"


async def test_content_is_kept_with_its_digest(normalize: Normalize) -> None:
    content = (await normalize(VTT)).content
    assert content.sha256 == hashlib.sha256(VTT.encode()).hexdigest()
    assert content.size == len(VTT)
    assert zstd.decompress(content.compressed) == VTT.encode()


@pytest.mark.parametrize("name", ["a.vtt", "a.txt", "a.xsl", "a.md", "a"])
async def test_content_goes_before_the_name(normalize: Normalize, name: str) -> None:
    assert (await normalize(VTT, name)).format == "webvtt"


@pytest.mark.parametrize(
    ("name", "format"),
    [("a.md", "markdown"), ("a.txt", "plain-text"), ("a", "plain-text"), ("a.html", "html")],
)
async def test_the_name_decides_where_content_says_nothing(
    normalize: Normalize, name: str, format: str
) -> None:
    assert (await normalize("Some words.", name)).format == format


async def test_captions_without_their_signature_are_known_by_name_and_are_not_well_formed(
    normalize: Normalize,
) -> None:
    source = await normalize("01:00.000 --> 02:00.000\nHello\n", "a.vtt")
    assert (source.format, source.signals.well_formed) == ("webvtt", False)


async def test_the_format_that_the_user_gives_goes_before_all(normalize: Normalize) -> None:
    source = await normalize(VTT, "a.vtt", SourceType.BRIEF, format="plain-text")
    assert source.format == "plain-text"
    assert source.passages[0].text == "WEBVTT"


async def test_an_unknown_format_that_the_user_gives_is_refused_with_the_names_of_the_known(
    normalize: Normalize,
) -> None:
    with pytest.raises(UnsupportedFormatError, match=r"is to be read as 'ogg'; Episodic reads .*webvtt"):
        await normalize(VTT, format="ogg")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"ID3\x04\0\0\0\0\0\0" + bytes(range(256)), "MP3 audio; transcribe it"),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(100), r"audio or video \(RIFF\); transcribe it"),
        (b"\0\0\0\x20ftypisom" + bytes(100), r"audio or video \(MP4\); transcribe it"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG image; .*"),
        (gzip.compress(b"x", mtime=0), "a gzip archive; unpack it"),
        (
            b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml" + bytes(30),
            r"a spreadsheet \(XLSX\); save its sheet as CSV, .*",
        ),
        (b"{\\rtf1 words}", "RTF; save it as .docx or text"),
        (b'<?xml version="1.0"?><opml/>', r"OPML \(a list of feeds\); .*"),
        (b'<?xml version="1.0"?><talk/>', r"XML in no known format \(<talk>\); .*"),
    ],
)
async def test_a_format_that_is_not_read_is_named_with_those_that_are(
    normalize: Normalize, data: bytes, found: str
) -> None:
    with pytest.raises(UnsupportedFormatError, match=f"is {found}; Episodic reads .*WebVTT.*plain text"):
        await normalize(data)


async def test_json_of_no_known_shape_is_refused_with_its_keys_and_the_engines_that_are_read(
    normalize: Normalize,
) -> None:
    reason = r"is JSON in no known format, with the keys a, b, b\[\]\.c; Episodic reads .*Deepgram"
    with pytest.raises(UnsupportedFormatError, match=reason):
        await normalize(b'{"a": 1, "b": [{"c": 2}]}', "talk.json")


@pytest.mark.parametrize("data", [b"", b" \n\t \r\n"])
async def test_an_empty_source_is_refused(normalize: Normalize, data: bytes) -> None:
    with pytest.raises(SourceError, match="is empty; give a file with content"):
        await normalize(data)


async def test_a_long_whisper_transcript_is_recognized_behind_its_whole_text(normalize: Normalize) -> None:
    said = "It goes on. " * 6000
    segment = {"id": 0, "start": 0.0, "end": 3.0, "text": said, "avg_logprob": -0.2}
    raw = json.dumps({"text": said, "segments": [segment], "language": "en"}).encode()
    assert (await normalize(raw)).format == "whisper-json"


async def test_a_press_release_in_markdown_is_dated_by_its_dateline(normalize: Normalize) -> None:
    text = b"# The light is back\n\nSKARHOLM, 2 March 2026. After 55 years, **it shines**.\n"
    source = await normalize(text, "press-release.md")
    assert source.dated
    assert source.dated.date().isoformat() == "2026-03-02"


async def test_the_heading_of_a_brief_in_markdown_is_the_title(normalize: Normalize) -> None:
    source = await normalize(b"# First Light\n\n- one\n\n# Another part\n\n- two\n", "brief.md")
    titles = [claim.value for claim in source.claims if claim.field is ClaimField.TITLE]
    assert titles == ["First Light"]


async def test_a_reference_to_a_character_that_no_text_may_have_is_left_out(normalize: Normalize) -> None:
    page = b"<cite>Ada:</cite><time>0:01</time><p>one &#1;two</p>"
    source = await normalize(page, format="podcast-html")
    assert [said.text for said in source.utterances] == ["one two"]


async def test_binary_data_are_refused(normalize: Normalize) -> None:
    with pytest.raises(SourceError, match="is binary data in no known format"):
        await normalize(bytes(range(256)) * 8)


@pytest.mark.parametrize("name", ["test.docx", "test.pdf"])
def test_no_encoding_is_guessed_of_what_is_told_by_its_bytes(
    corpus: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "chardet", None)  # to import it is an error
    document = Document(name, (corpus / "documents" / name).read_bytes())
    assert find_format(document).suffixes == (Path(name).suffix,)
    assert is_isolated(find_format(document), document)


async def test_more_bytes_than_the_limit_are_refused_however_they_were_loaded(normalize: Normalize) -> None:
    with pytest.raises(SourceLimitError, match="has more than 10 bytes"):
        await normalize(VTT, limits=Limits(source_bytes=10))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("WEBVTT\n\n", "has no cue with text"),
        ("WEBVTT\n\nxx --> yy\n", "has no cue with text"),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n", "has no cue with text"),
        ('{"segments": [{"start": 0, "end": 1, "text": ""}]}', "has no segment with text"),
        (
            '{"version": "1.0.0", "segments": [{"startTime": "soon", "body": "x"}]}',
            "has a time that cannot be read: 'soon'",
        ),
        ('{"version": "1.0.0", "segments": [{"startTime": 1, "body": "x"}', "is not valid JSON"),
        ("<rss><channel><title>x</title></channel></rss>", "is a feed without items"),
        ("<rss></rss>", "has no channel"),
        (
            '{"text": "<p>0:01 Ada: Yes.</p>", "media": "a.mp3", "media-time": 1.2}',
            "of oTranscribe; export it",
        ),
        (
            '{"version": "1", "title": "Lantern", "items": [{"id": "7"}]}',
            "is a JSON feed; give the show's RSS",
        ),
        ('{"id": "7", "status": "queued", "text": null, "words": null}', "failed, or is not done yet"),
        ("app=InqScribe\ntext=[00:00:01.12] ADA: Yes.\\r\n", "is a document of InqScribe"),
        ("<html><body><script>x</script></body></html>", "has no text as HTML"),
    ],
)
async def test_a_source_without_content_says_what_is_missing(
    normalize: Normalize, text: str, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        await normalize(text)


@pytest.mark.parametrize(
    ("name", "source_type"),
    [
        ("brief.txt", SourceType.BRIEF),
        ("ep12_Press-Release.md", SourceType.PRESS_RELEASE),
        ("show-notes.txt", SourceType.RESEARCH_NOTES),
        ("pressure.txt", SourceType.RESEARCH_NOTES),
        ("transcript.txt", SourceType.TRANSCRIPT),
    ],
)
async def test_prose_is_what_its_name_says(normalize: Normalize, name: str, source_type: SourceType) -> None:
    assert (await normalize("Some words.", name)).source_type is source_type


async def test_what_the_user_says_goes_before_name_and_content(normalize: Normalize) -> None:
    source = await normalize("Ada: Hello.\nBob: Hello.\n", "transcript.txt", SourceType.BRIEF)
    assert source.source_type is SourceType.BRIEF
    assert not source.utterances
    assert source.passages


async def test_the_language_that_the_user_gives_goes_before_the_sources(normalize: Normalize) -> None:
    text = "WEBVTT\nLanguage: de\n\n00:01.000 --> 00:02.000\nHallo\n"
    assert (await normalize(text)).language == "de"
    assert (await normalize(text, language="de-AT")).language == "de-AT"


def test_every_format_has_a_name_and_a_title_of_its_own() -> None:
    formats = (*FORMATS, *json_formats())
    assert len(by_name()) == len({known.title for known in formats}) == len(formats)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_the_guide_names_every_engine(engine: Engine) -> None:
    (row,) = (line for line in GUIDE.read_text().split("\n") if line.startswith("| JSON of engines |"))
    assert engine.title.split()[0] in f"{row} Podcasting 2.0"  # which has a row of its own


async def test_json_of_an_engine_with_something_else_in_it_is_told_where(normalize: Normalize) -> None:
    text = b'{"results": {"items": [{"alternatives": [{"content": ["evening"]}]}]}}'
    with pytest.raises(SourceError, match=r"\$\.results\.items\[0\]\.alternatives\[0\]\.content"):
        await normalize(text)


def test_no_heavy_library_is_loaded_before_it_is_needed() -> None:
    heavy = {
        "lxml",
        "trafilatura",
        "langcodes",
        "babel",
        "docx",
        "pypdfium2",
        "chardet",
        "gcld3",
        "markdown_it",
        "yaml",
    }
    code = "import sys, episodic.canonical.normalizers.registry as r; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert heavy.isdisjoint(loaded)


@pytest.mark.parametrize("name", ["external.xml", "quadratic.xml", "xmlbomb.xml"])
async def test_entities_are_never_expanded(normalize: Normalize, corpus: Path, name: str) -> None:
    with pytest.raises(
        SourceError, match="line 1: has a DOCTYPE with declarations, which Episodic never expands"
    ):
        await normalize((corpus / "hostile" / name).read_bytes(), name)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE rss [<!ENTITY a "boom">]>',
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<?xml version="1.0"?><!-- x --><!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY % p "x">]>',
        '<!DOCTYPE rss SYSTEM "a>b" [<!ENTITY a "boom">]>',
    ],
)
async def test_a_feed_that_declares_entities_is_refused(normalize: Normalize, declaration: str) -> None:
    feed = f"{declaration}<rss><channel><item><title>&a;</title></item></channel></rss>"
    with pytest.raises(SourceError, match="has a DOCTYPE with declarations, which Episodic never expands"):
        await normalize(feed)


async def test_an_undeclared_entity_is_left_as_it_is(normalize: Normalize) -> None:
    source = await normalize("<rss><channel><item><title>a &unknown; b</title></item></channel></rss>")
    assert source.claims[0].value in {"a &unknown; b", "a b"}
    assert not source.signals.well_formed


async def test_elements_nested_too_deeply_are_refused(normalize: Normalize) -> None:
    deep = "<a>" * 30 + "</a>" * 30
    feed = f"<rss><channel><item><title>x</title><description>{deep}</description></item></channel></rss>"
    assert (await normalize(feed)).claims
    with pytest.raises(SourceLimitError, match="more than 20 deep, the limit; raise EPISODIC_XML_DEPTH"):
        await normalize(feed, limits=Limits(xml_depth=20))
    with pytest.raises(SourceLimitError, match="has elements nested more than 200 deep, the limit"):
        await normalize(feed.replace(deep, deep * 30 + "<a>" * 300))  # deeper than any parser goes


async def test_a_reference_that_a_document_type_elsewhere_declares_is_read(normalize: Normalize) -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD [RSS] 0.91//EN" "http://127.0.0.1:9/rss.dtd">'
    source = await normalize(
        f"{doctype}<rss><channel><item><title>Caf&eacute;</title></item></channel></rss>"
    )
    assert [claim.value for claim in source.claims] == ["Café"]
    assert not source.signals.well_formed


def feed_declared(encoding: str, title: str) -> str:
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    return f"{declaration}<rss><channel><item><title>{title}</title></item></channel></rss>"


@pytest.mark.parametrize("declared", ["ISO-8859-1", "us-ascii"])
async def test_what_is_declared_by_a_narrower_name_is_read_as_browsers_do(
    normalize: Normalize, declared: str
) -> None:
    said = "It\u2019s a caf\u00e9"
    source = await normalize(feed_declared(declared, said).encode("cp1252"))
    assert [claim.value for claim in source.claims] == [said]
    page = f'<html><head><meta charset="{declared}"></head><body><p>{said}</p></body></html>'
    assert (await normalize(page.encode("cp1252"))).passages[0].text == said


@pytest.mark.parametrize("declared", ["utf-16", "utf-32", "cp037", "punycode"])
@pytest.mark.parametrize("end", ["", " "])  # an even and an odd number of bytes
async def test_an_encoding_in_which_its_own_name_is_not_written_is_not_believed(
    normalize: Normalize, declared: str, end: str
) -> None:
    source = await normalize(feed_declared(declared, "A caf\u00e9") + end)
    assert [claim.value for claim in source.claims] == ["A caf\u00e9"]
    assert source.signals.doubts[0].text == f"is not in the encoding '{declared}' that it declares"


async def test_a_large_source_leaves_the_event_loop_to_others() -> None:
    # A parser on the event loop stalls it for nearly all of the time, each time, however busy the machine.
    captions = large_captions(10_000_000)
    runs = [await fan_out(captions, sources=1, concurrency=1) for _ in range(3)]
    assert min(run.stall / run.seconds for run in runs) < 1 / 3


@pytest.mark.parametrize(
    ("limits", "name", "text", "message"),
    [
        (Limits(utterances=3), "a.txt", "Ada: Hi.\nBen: Ho.\nAda: He.\nBen: Ha.", "3 utterances"),
        (Limits(passages=2), "a.md", "One.\n\nTwo.\n\nThree.", "2 passages"),
        (Limits(tokens=5), "a.txt", "Six words and so too many.", "5 tokens"),
        (Limits(tokens=5), "a.txt", "灯塔守望者灯塔。", "5 tokens"),
        (
            Limits(claims=3),
            "a.md",
            "# Notes\n\nhttp://a.b\n\nhttp://c.d\n\nhttp://e.f\n\nhttp://g.h",
            "3 claims",
        ),
        (Limits(claims=1), "a.txt", "Ada: Hi.\nBen: Ho.\nAda: He.\nBen: Ha.", "1 claims"),
    ],
)
async def test_a_source_that_says_more_than_the_limit_is_refused_by_its_setting(
    limits: Limits, name: str, text: str, message: str
) -> None:
    async def load() -> bytes:
        return text.encode()

    normalizer = SourceNormalizer(limits)
    setting = f"EPISODIC_{message.split()[1].upper()}"
    with pytest.raises(
        SourceLimitError, match=f"{name}: has more than {message}, the limit; raise {setting} or"
    ):
        await normalizer.normalize(RawSource(name, load))
    normalizer.close()


@pytest.mark.parametrize(
    ("name", "piece", "count"),
    [
        ("a.txt", "A: b\n", 50_000),
        ("a.txt", "b\n\n", 60_000),
        ("a.md", "- b\n", 60_000),
        ("a.txt", "S{}: b\n", 20_000),
    ],
)
async def test_a_source_that_grows_too_much_in_memory_is_refused_by_its_setting(
    name: str, piece: str, count: int
) -> None:
    async def load() -> bytes:
        return "".join(map(piece.format, range(count))).encode()

    raw = RawSource(name, load, SourceType.TRANSCRIPT if ":" in piece else None)
    patient = Limits(parse_seconds=600)  # on a slow machine, a list of so many takes long
    normalizer = SourceNormalizer(patient)
    told = rf"{name}: would take \d+ times its size in memory, .* 100 times; raise EPISODIC_SOURCE_GROWTH or"
    with pytest.raises(SourceLimitError, match=told):
        await normalizer.normalize(raw)
    normalizer.close()
    normalizer = SourceNormalizer(replace(patient, source_growth=1000))
    source = await normalizer.normalize(raw)
    assert len(source.utterances) + len(source.passages) == count
    normalizer.close()
