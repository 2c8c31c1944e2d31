"""Feeds that are not well-formed XML, read as if they were."""

from collections.abc import Callable
from pathlib import Path

import pytest

from episodic.canonical.normalizers.feeds.mending import mended
from episodic.canonical.sources import Claim
from tests.canonical.normalizers.conftest import Normalize
from tests.growth import grows_near_linearly

FEED = (Path(__file__).parents[3] / "docs" / "examples" / "first-light" / "feed.xml").read_text()


def said(claims: tuple[Claim, ...]) -> list[tuple[str, str, str | None, str]]:
    return [(claim.field.value, claim.value, claim.qualifier, claim.where) for claim in claims]


def without(text: str, *times: int) -> Callable[[str], str]:
    return lambda feed: feed.replace(text, "", *times)


def instead(old: str, new: str) -> Callable[[str], str]:
    return lambda feed: feed.replace(old, new)


def cut_off(feed: str) -> str:
    return feed[: feed.rindex("</item>")]


@pytest.mark.parametrize(
    "damage",
    [
        instead("<guid", "&<guid"),
        instead("</channel>", "<image><title>a<br>b</image></channel>"),
        instead("<title>First Light</title>", "<title>First Light</titel>"),
        instead("<title>First Light</title>", "<title>First Light"),
        without("</item>"),
        without("</item>", 1),
        instead("</item>", "</item></channel></rss>"),
        instead("</item>", "</p></item>"),
        instead("</pubDate>", "</pubdate>"),
        cut_off,
        instead('type="audio/mpeg"', "type=audio/mpeg"),
        instead('type="audio/mpeg"', 'type="audio/mpeg" type="x/y"'),
        instead("</rss>", "</rss>\n<rss><channel/></rss>"),
        instead("</rss>", "</rss><!-- and more"),
        instead("First Light", "First\x0cLight"),
        instead("First Light</title>", "First&nbsp;Light</title>"),
    ],
)
async def test_a_damaged_feed_claims_what_the_whole_one_claims(
    normalize: Normalize, damage: Callable[[str], str]
) -> None:
    whole = await normalize(FEED, number="12")
    damaged = await normalize(damage(FEED), number="12")
    assert said(damaged.claims) == said(whole.claims)
    assert whole.signals.well_formed
    assert not damaged.signals.well_formed
    assert "is not well-formed XML" in damaged.signals.doubts[0].text


async def test_an_address_with_a_raw_ampersand_is_kept(normalize: Normalize) -> None:
    enclosure = '<enclosure url="https://a.example/x?a=1&b=2&amp;c=3" type="a/b"/>'
    item = f"<item><title>A &amp; B & C</title>{enclosure}</item>"
    source = await normalize(f"<rss><channel>{item}</channel></rss>")
    assert [claim.value for claim in source.claims] == ["A & B & C", "https://a.example/x?a=1&b=2&c=3"]


def test_a_cdata_section_without_an_end_ends_with_its_element() -> None:
    feed = "<item><title><![CDATA[A <b></title><link>x</link><guid><![CDATA[g]]></guid></item>"
    assert mended(feed) == "<item><title>A &lt;b&gt;</title><link>x</link><guid>g</guid></item>"


@pytest.mark.parametrize(
    "part", ['<a "', "<!--", "<?", "<![CDATA[", "<a b=", "<a>", "<item>", "<title>", "&", "</a>"]
)
def test_mending_takes_linear_time(part: str) -> None:
    assert grows_near_linearly(lambda size: f"<rss><channel><item>{part * size}", mended, 20_000)
