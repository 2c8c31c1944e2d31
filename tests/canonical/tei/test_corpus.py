"""The real inputs, from bytes to checked TEI and back."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from episodic.canonical import weighting
from episodic.canonical.document import Difference, PassageVariation
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolution.transcripts.collation import collate
from episodic.canonical.tei import reader
from episodic.canonical.tei.elements import TEI
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import key, tokenize
from episodic.publishing.cues import caption_cues, hasty
from episodic.publishing.rules import Rules
from tests.canonical.making import edition, read, shared, transcript
from tests.canonical.resolution.noise import keys, noisy, word_error_rate
from tests.canonical.tei.entries import entries
from tests.canonical.tei.test_writer import Faults

POLICY = SeriesPolicy()
CONVERSATION = ("395-readme-tools.vtt", "395-readme-tools.txt", "395-readme-tools.youtube.vtt")


def test_three_witnesses_of_one_conversation_become_one_episode(corpus: Path, tei_all: Faults) -> None:
    sources = read(*(corpus / "talk-python" / name for name in CONVERSATION))
    resolution = resolve(weighting.weigh(sources, POLICY), POLICY)
    document = write(resolution, edition())
    assert tei_all(document) == []

    episode = reader.read(document)
    for witness in resolution.witnesses:
        spoken = witness.weighted.source.utterances
        assert episode.text(witness.siglum) == tokenize(u.text for u in spoken).text
        assert [(s.text, s.start, s.end) for s in episode.utterances(witness.siglum)] == [
            (u.text, u.start, u.end) for u in spoken
        ]

    by_name = {w.weighted.source.uri: w.siglum for w in resolution.witnesses}
    webvtt, timed, live = (by_name[name] for name in CONVERSATION)
    for entry in entries(episode):
        said = {s: r.text for r in (entry.lemma, *entry.others) for s in r.sigla}
        assert key(said[webvtt]) == key(said[timed])

    clocks = [timeline.get("source") for timeline in episode.root.iter(f"{TEI}timeline")]
    assert clocks[0] == f"#{webvtt}" == f"#{resolution.document.clock}"
    assert hasty(caption_cues(episode.utterances(), Rules()), Rules()) < 12  # 80 on the live cut's clock
    passages = [p for p in resolution.document.transcript if isinstance(p, PassageVariation)]
    adverts = [p for p in passages if len(p.lemma.utterances) > 5]
    assert len(adverts) >= 3  # two sponsors' and the end, which the live cut lacks
    assert all(len(other.sigla) == 1 and live in other.sigla for p in adverts for other in p.others)

    collation = collate(resolution.witnesses, POLICY)
    assert collation is not None
    assert min(shared(collation)) > 0.9


@pytest.mark.parametrize(
    "name",
    [
        "talk-python/395-readme-tools.vtt",
        "changelog/the-changelog-466.md",
        "podcast-namespace/transcript-example.srt",
        "podcast-namespace/transcript-example.json",
        "podcast-namespace/example.xml",
    ],
)
def test_every_word_of_a_source_is_in_the_document_in_order(corpus: Path, tei_all: Faults, name: str) -> None:
    path = corpus / name
    (source,) = read(path, number="3") if path.suffix == ".xml" else read(path)
    document = write(resolve(weighting.weigh([source], POLICY), POLICY), edition())
    assert tei_all(document) == []
    episode = reader.read(document)
    assert episode.text() == tokenize(u.text for u in source.utterances).text
    assert [text for _, text in episode.prose()] == [p.text for p in source.passages]


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_three_noisy_copies_of_a_real_transcript_make_less_than_half_the_errors_of_the_best(
    corpus: Path, order: Sequence[int]
) -> None:
    (source,) = read(corpus / "talk-python" / "395-readme-tools.txt")
    original = keys([u.text for u in source.utterances])
    copies = [noisy(source.utterances, rate, seed) for seed, rate in enumerate((0.05, 0.1, 0.15))]
    best = min(word_error_rate(keys([u.text for u in copy]), original) for copy in copies)
    sources = [transcript(w, *copies[i], uri=f"{i}") for i, w in zip(order, (600, 580, 550), strict=True)]
    episode = reader.read(write(resolve(sources, POLICY), edition()))
    assert 2 * word_error_rate(keys([episode.text()]), original) <= best


def test_the_vote_on_real_witnesses_is_honest(corpus: Path) -> None:
    (source,) = read(corpus / "talk-python" / "395-readme-tools.txt")
    copies = [noisy(source.utterances, rate, seed) for seed, rate in enumerate((0.15, 0.1, 0.05))]
    sources = [
        transcript(w, *copy, uri=f"{i}")
        for i, (w, copy) in enumerate(zip((900, 300, 300), copies, strict=True))
    ]
    episode = reader.read(write(resolve(sources, POLICY), edition()))
    assert episode.text() == episode.text("s1")


def test_two_episodes_of_one_show_do_not_belong_together(corpus: Path) -> None:
    folder = corpus / "talk-python"
    sources = read(folder / "395-readme-tools.vtt", folder / "200-excel-hell.vtt")
    resolution = resolve(weighting.weigh(sources, POLICY), POLICY)
    (decision,) = [d for d in resolution.decisions if "does not belong together" in d.reason]
    assert decision.variation.difference is Difference.SUBSTANTIVE
