"""Values that no honest program writes cost no more than themselves."""

import io
from typing import Any, cast

import docx
import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.sources import ClaimField
from tests.canonical.normalizers.conftest import Normalize


async def test_a_number_of_thousands_of_digits_in_an_ill_formed_feed_is_none(normalize: Normalize) -> None:
    number = b"<itunes:episode>" + b"9" * 5000 + b"</itunes:episode>"
    source = await normalize(b"<rss><channel><item><title>Salt & Light</title>" + number + b"</item></rss>")
    assert [claim.value for claim in source.claims if claim.field is ClaimField.TITLE] == ["Salt & Light"]
    assert not [claim for claim in source.claims if claim.field is ClaimField.EPISODE]


async def test_numbers_so_great_that_their_sum_is_none_are_none(normalize: Normalize) -> None:
    segment = (
        b'{"start": 1, "end": 1e308, "text": "Words.", "avg_logprob": -1e308, "no_speech_prob": 1e308,'
        b' "compression_ratio": 1.5}'
    )
    source = await normalize(b'{"segments": [' + segment + b"," + segment + b"]}")
    assert [(said.start, said.end, said.confidence) for said in source.utterances] == [(1.0, None, None)] * 2
    signals = source.signals
    assert (signals.avg_logprob, signals.no_speech_prob, signals.compression_ratio) == (None, None, 1.5)


@pytest.mark.parametrize(
    "source",
    [
        '{"turns": [{"speaker": {"id": 1e9993, "name": "Ann"}, "start": 1, "end": 2, "text": "Hi."}]}',
        '[{"start_ms": 200, "end_ms": 1e9993, "speaker": "Ann", "text": "Hi."}]',
        '[{"time": [1, 1e9993], "speaker": "Ann", "text": "Hi."}]',
        '{"version": 1e9993, "turns": [{"start_ms": 200, "end_ms": 900, "speaker": "Ann", "text": "Hi."}]}',
    ],
    ids=["in an object", "in an item", "in a pair", "beside the list"],
)
async def test_a_number_beyond_all_in_a_list_is_said(normalize: Normalize, source: str) -> None:
    with pytest.raises(SourceError, match="out of range"):
        await normalize(source, format="json-list")


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_date_that_no_calendar_has_in_utc_is_none(normalize: Normalize, date: str) -> None:
    feed = f"<rss><channel><item><title>x</title><pubDate>{date}</pubDate></item></channel></rss>"
    source = await normalize(feed)
    assert source.dated is None
    assert not [claim for claim in source.claims if claim.field is ClaimField.PUBLISHED]


async def test_a_reference_of_thousands_of_digits_is_one_character(normalize: Normalize) -> None:
    source = await normalize(b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>one &#" + b"9" * 5000 + b"; two\n")
    assert [said.text for said in source.utterances] == ["one \ufffd two"]


async def test_what_stands_in_a_paragraph_inside_a_paragraph_is_read_once(normalize: Normalize) -> None:
    page = b"<cite>Ada:</cite><time>0:01</time><p>one <object><p>two</p></object> three</p>"
    source = await normalize(page, format="podcast-html")
    assert [said.text for said in source.utterances] == ["one", "two", "three"]


async def test_an_element_with_a_name_that_xml_has_not_is_read(normalize: Normalize) -> None:
    page = b'<article><h2><h">Salt</h2><aside><p>and light'
    source = await normalize(page, "page.html")
    assert "Salt" in " ".join(passage.text for passage in source.passages)


async def test_what_stands_in_a_table_inside_a_table_is_read_once(normalize: Normalize) -> None:
    word = docx.Document()
    outer = word.add_table(rows=1, cols=2)
    outer.cell(0, 0).text = "one"
    inner = outer.cell(0, 0).add_table(rows=1, cols=2)
    inner.cell(0, 0).text = "two"
    inner.cell(0, 1).text = "three"
    outer.cell(0, 1).text = "four"
    written = io.BytesIO()
    word.save(written)
    source = await normalize(written.getvalue())
    assert [passage.text for passage in source.passages] == ["one two three | four"]


@pytest.mark.parametrize("depth", ["9" * 5000, "-1", "99"])
async def test_a_depth_of_lists_that_word_has_not_is_none(normalize: Normalize, depth: str) -> None:
    word = docx.Document()
    properties = cast("Any", word.add_paragraph("An item"))._p.get_or_add_pPr()
    level = properties.get_or_add_numPr().get_or_add_ilvl()
    level.set("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}val", depth)
    written = io.BytesIO()
    word.save(written)
    source = await normalize(written.getvalue())
    assert [(passage.text, passage.level) for passage in source.passages] == [("An item", 1)]
