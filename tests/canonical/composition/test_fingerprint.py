"""What makes a document another one."""

import uuid
from dataclasses import replace

import pytest

from episodic.canonical.composition import fingerprint
from episodic.canonical.domain import Series, SeriesPolicy, Style
from episodic.canonical.sources import RawSource, SourceType
from tests.canonical.storage import examples

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


def test_sources_of_one_name_and_content_are_told_apart_by_their_type() -> None:
    typed = replace(SOURCE, source_type=SourceType.BRIEF)
    other = replace(SOURCE, source_type=SourceType.TRANSCRIPT)
    one, two = (
        fingerprint.of_document(SERIES, None, [(SOURCE, "1"), (each, "1")]) for each in (typed, other)
    )
    assert one != two


@pytest.mark.parametrize(
    ("series", "title", "source", "sha256"),
    [
        (SERIES, "Given", SOURCE, "1"),
        (replace(SERIES, title="Another Show"), None, SOURCE, "1"),
        (replace(SERIES, publisher="P"), None, SOURCE, "1"),
        (replace(SERIES, language="en"), None, SOURCE, "1"),
        (replace(SERIES, policy=SeriesPolicy(freshness=0.1)), None, SOURCE, "1"),
        (replace(SERIES, policy=SeriesPolicy(style=Style.CLEAN)), None, SOURCE, "1"),
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


def test_another_version_of_the_pipeline_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint.of_document(SERIES, None, [(SOURCE, "1")])
    monkeypatch.setattr(fingerprint, "PIPELINE_VERSION", fingerprint.PIPELINE_VERSION + 1)
    assert fingerprint.of_document(SERIES, None, [(SOURCE, "1")]) != before


def test_editors_decisions_matter_also_when_they_are_taken_back() -> None:
    made = examples.editorial_decision(examples.episode())
    withdrawn = replace(made, withdrawn_at=examples.NOON)
    digests = {fingerprint.of_document(SERIES, None, [(SOURCE, "1")], d) for d in ((), (made,), (withdrawn,))}
    assert len(digests) == 3


def test_all_that_is_asked_for_matters_to_the_request() -> None:
    odd = [
        ("show", "e", None, [OTHER]),
        ("show", "e", "T", [SOURCE]),
        ("show", "e", None, [replace(SOURCE, source_type=SourceType.BRIEF)]),
        ("show", "e", None, [replace(SOURCE, source_type=SourceType.TRANSCRIPT)]),
        ("show", "f", None, [SOURCE]),
        ("other", "e", None, [SOURCE]),
    ]
    digests = {fingerprint.of_request(*each) for each in [("show", "e", None, [SOURCE]), *odd]}
    assert len(digests) == 7


def test_a_setting_that_came_later_does_not_make_stored_episodes_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fingerprint, "PIPELINE_VERSION", 10)
    digest = "4d2236a78a861ac9a06315ce788e814ec852a742e9d3dc892175d2ed9e59f4a9"  # before there was a style
    assert fingerprint.of_document(SERIES, None, []) == digest
