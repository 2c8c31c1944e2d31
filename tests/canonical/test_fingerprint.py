"""What makes a document another one."""

import uuid
from dataclasses import replace

import pytest

from episodic.canonical import fingerprint
from episodic.canonical.domain import Series, SeriesPolicy
from episodic.canonical.ingestion import RawSource, SourceType

SERIES = Series(id=uuid.uuid7(), slug="show", title="A Show")


async def load() -> bytes:
    return b""


SOURCE = RawSource("folder/a.vtt", load)
OTHER = RawSource("folder/b.srt", load)


def test_the_order_of_sources_and_the_folder_that_they_are_in_do_not_matter() -> None:
    one = fingerprint.of_document(SERIES, None, [(SOURCE, "1"), (OTHER, "2")])
    assert one == fingerprint.of_document(
        SERIES, None, [(OTHER, "2"), (replace(SOURCE, uri="moved/a.vtt"), "1")]
    )


@pytest.mark.parametrize(
    ("series", "title", "source", "sha256"),
    [
        (SERIES, "Given", SOURCE, "1"),
        (replace(SERIES, title="Another Show"), None, SOURCE, "1"),
        (replace(SERIES, publisher="P"), None, SOURCE, "1"),
        (replace(SERIES, language="en"), None, SOURCE, "1"),
        (replace(SERIES, policy=SeriesPolicy(freshness=0.1)), None, SOURCE, "1"),
        (SERIES, None, SOURCE, "2"),
        (SERIES, None, replace(SOURCE, uri="folder/b.vtt"), "1"),
        (SERIES, None, replace(SOURCE, source_type=SourceType.BRIEF), "1"),
        (SERIES, None, replace(SOURCE, metadata={"guid": "g"}), "1"),
    ],
)
def test_all_that_the_document_depends_on_matters(
    series: Series, title: str | None, source: RawSource, sha256: str
) -> None:
    plain = fingerprint.of_document(SERIES, None, [(SOURCE, "1")])
    assert fingerprint.of_document(series, title, [(source, sha256)]) != plain
