"""What is asked of a series before its episodes are ingested."""

from episodic.canonical.ports import Store
from episodic.cli.app import suggestions
from episodic.cli.output import complain


async def series_feed(store: Store, slug: str) -> str | None:
    """Give the file of the feed that a series has for all of its episodes.

    A new series whose slug looks like a slip of the fingers is mentioned.
    """
    async with store.begin(read_only=True) as work:
        if series := await work.series.get(slug):
            return series.policy.feed
        known = [series.slug for series in await work.series.list()]
    if known and (close := suggestions(slug, known)):
        complain(f"series '{slug}' is new; did you mean {' or '.join(close)}?")
    return None
