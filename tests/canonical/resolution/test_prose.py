from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from episodic.canonical.document import Difference, Division, Variation, Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution import prose as written
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Decision
from episodic.canonical.sources import Passage, PassageKind, SourceType, Utterance, WeightedSource
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import printable
from tests.canonical.making import edition, source, weighted
from tests.growth import grows_near_linearly

ENGINE = "The engine weaves algebraic patterns just as the loom weaves flowers and leaves."
NEARLY = "The engine weaves algebraic patterns just as a loom weaves flowers and leaves."
OTHER = "Nothing of this kind has been built before, and nobody knows what it costs."


def prose(weight: int, *texts: str, source_type: SourceType = SourceType.BRIEF) -> WeightedSource:
    """Make a source of paragraphs, headings (``# …``) and list items (``- …``)."""
    kinds = {"#": PassageKind.HEADING, "-": PassageKind.LIST_ITEM}
    passages = [
        Passage(
            kinds.get(text[0], PassageKind.PARAGRAPH), text.lstrip("#- "), f"line {n}", int(text[0] in kinds)
        )
        for n, text in enumerate(texts, 1)
    ]
    return weighted(weight, source(uri=f"{source_type}-{weight}", source_type=source_type, passages=passages))


def witnesses(*sources: WeightedSource) -> list[Witness]:
    return [Witness(f"s{n}", made) for n, made in enumerate(sources, 1)]


def merge(gathered: list[Witness]) -> tuple[tuple[Division, ...], tuple[Decision, ...]]:
    made = written.merge(gathered)
    return made.divisions, made.decisions


def test_identical_passages_stand_once_and_carry_all_their_witnesses() -> None:
    notes = prose(500, OTHER, ENGINE, source_type=SourceType.RESEARCH_NOTES)
    (brief, other), decisions = merge(witnesses(prose(600, ENGINE), notes))
    assert [(p.text, p.sigla, p.stands_at) for p in brief.passages] == [((ENGINE,), ("s1", "s2"), None)]
    assert [(p.text, p.stands_at) for p in other.passages] == [((OTHER,), None), ((), "s1.p1")]
    assert decisions == ()


def test_near_duplicates_become_lemma_and_reading() -> None:
    (brief, _), (decision,) = merge(witnesses(prose(600, ENGINE), prose(500, NEARLY)))
    (variation,) = brief.passages[0].text
    assert isinstance(variation, Variation)
    assert (variation.lemma.text, variation.lemma.sigla) == (ENGINE, ("s1",))
    assert [(r.text, r.sigla) for r in variation.others] == [(NEARLY, ("s2",))]
    assert variation.difference is Difference.SUBSTANTIVE
    assert decision.kind == "prose"
    assert decision.address == variation.address


def test_two_light_witnesses_outvote_a_heavier_one_in_its_own_place() -> None:
    (brief, *_), _ = merge(witnesses(prose(600, ENGINE), prose(500, NEARLY), prose(400, NEARLY.upper())))
    (variation,) = brief.passages[0].text
    assert isinstance(variation, Variation)
    assert variation.lemma.text == NEARLY


def test_different_passages_stand_apart() -> None:
    (one, two), _ = merge(witnesses(prose(600, ENGINE), prose(500, OTHER)))
    assert one.passages[0].text == (ENGINE,)
    assert two.passages[0].text == (OTHER,)


def test_short_passages_merge_only_when_they_are_the_same() -> None:
    (_, two), _ = merge(witnesses(prose(600, "Ada hosts."), prose(500, "Ada hosts!", "Ada hosted.")))
    assert [p.stands_at for p in two.passages] == ["s1.p1", None]


def test_headings_are_kept_in_every_witness() -> None:
    (_, two), _ = merge(witnesses(prose(600, "# Guests", ENGINE), prose(500, "# Guests", ENGINE)))
    assert [(p.kind, p.text) for p in two.passages] == [
        (PassageKind.HEADING, ("Guests",)),
        (PassageKind.PARAGRAPH, ()),
    ]


def test_a_witness_that_repeats_itself_keeps_both() -> None:
    (one,), _ = merge(witnesses(prose(600, ENGINE, ENGINE)))
    assert [p.text for p in one.passages] == [(ENGINE,), (ENGINE,)]


def test_speech_outside_a_transcript_is_prose_with_its_speaker() -> None:
    quoted = weighted(
        500, source(source_type=SourceType.RESEARCH_NOTES, utterances=[Utterance("Yes.", "line 1", "Ada")])
    )
    (division,), _ = merge(witnesses(quoted))
    assert division.passages[0].text == ("Ada: Yes.",)


BLOCKS = st.sampled_from(
    ["# Guests", "# Sources", "- One", "- one.", "- Two", ENGINE, NEARLY, NEARLY.upper(), OTHER]
)


@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.sampled_from(SourceType), st.lists(BLOCKS, max_size=8)),
        min_size=1,
        max_size=5,
        unique_by=lambda drawn: drawn[:2],
    )
)
def test_the_prose_of_every_witness_reads_back_in_its_own_order(
    drawn: list[tuple[int, SourceType, list[str]]],
) -> None:
    sources = [prose(weight, *texts, source_type=source_type) for weight, source_type, texts in drawn]
    resolution = resolve(sources, SeriesPolicy())
    episode = reader.read(write(resolution, edition()))
    for witness in resolution.witnesses:
        own = [printable(p.text) for p in witness.weighted.source.passages]
        assert [text for _, text in episode.prose(witness.siglum)] == own
    everything = {printable(p.text) for s in sources for p in s.source.passages}
    assert {text for _, text in episode.prose()} <= everything


FEW_WORDS = st.lists(st.integers(0, 6), min_size=1, max_size=12)


@given(FEW_WORDS, st.lists(st.none() | FEW_WORDS, max_size=12))
@example([0, 0, 0, 0, 1], [[0, 0, 0, 0, 0]])
def test_the_passage_that_is_found_is_the_most_like_of_all(
    words: list[int], others: list[list[int] | None]
) -> None:
    least = 1.0 if len(words) < 5 else 0.8
    alike = [-1.0 if own is None else Indel.normalized_similarity(words, own) for own in others]
    best = max(alike, default=-1.0)
    choices = written.Choices()
    for number, own in enumerate(others):
        if own is not None:
            choices.add(number, own)
    assert choices.find(words) == (alike.index(best) if best >= least else None)
    if best >= least:
        assert choices.find(words, [alike.index(best)]) != alike.index(best)


def test_prose_takes_linear_time_where_nothing_is_alike() -> None:
    def several(size: int) -> list[Witness]:
        # The same two words in each, and six of its own, in the order in which nothing is alike.
        texts = ([f"note {name} " + f"{name}{n} " * 6 for n in range(size)] for name in "ab")
        return witnesses(*(prose(500 + n, *own) for n, own in enumerate(texts)))

    assert grows_near_linearly(several, written.merge, 500)


def test_prose_takes_linear_time_in_the_number_of_witnesses() -> None:
    def notes(count: int) -> list[Witness]:
        return witnesses(
            *(prose(500, *(f"note {n} " + f"p{n}x{at} " * 6 for at in range(20))) for n in range(count))
        )

    assert grows_near_linearly(notes, written.merge, 30)
