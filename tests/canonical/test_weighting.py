from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.normalizers.speech.dialogue import covered
from episodic.canonical.sources import (
    Claim,
    ClaimField,
    Factor,
    NormalizedSource,
    Signals,
    SourceType,
    Utterance,
)
from episodic.canonical.weighting import weigh
from tests.canonical.making import source

POLICY = SeriesPolicy()
NEWEST = datetime(2026, 2, 1, tzinfo=UTC)
WORDS = [Utterance("one two three four", "cue 1")]


def factor(made: NormalizedSource, name: str, *others: NormalizedSource) -> Factor:
    (found,) = [f for f in weigh([made, *others], POLICY)[0].factors if f.name == name]
    return found


def test_the_weight_is_the_sum_of_its_factors_in_thousandths() -> None:
    (weighted,) = weigh([source(utterances=WORDS)], POLICY)
    assert weighted.weight == round(1000 * sum(f.value * f.coefficient for f in weighted.factors))
    assert sum(f.coefficient for f in weighted.factors) == pytest.approx(1)


@given(
    st.floats(0, 10),
    st.floats(0, 10),
    st.floats(0, 10),
    st.floats(-50, 5),
    st.floats(0, 2),
    st.floats(0, 30),
    st.floats(0, 1),
)
def test_every_weight_is_between_nothing_and_a_thousand(
    quality: float,
    freshness: float,
    reliability: float,
    logprob: float,
    silence: float,
    ratio: float,
    d: float,
) -> None:
    policy = SeriesPolicy(quality=quality, freshness=freshness, reliability=reliability)
    signals = Signals(avg_logprob=logprob, no_speech_prob=silence, compression_ratio=ratio, damage=d)
    (weighted,) = weigh([source(utterances=WORDS, signals=signals)], policy)
    assert 0 <= weighted.weight <= 1000


def test_the_result_is_in_the_order_of_the_sources() -> None:
    sources = [source(uri="a", dated=NEWEST - timedelta(days=300)), source(uri="b", dated=NEWEST)]
    assert [w.source.uri for w in weigh(sources, POLICY)] == ["a", "b"]


def test_a_source_one_half_life_older_than_the_newest_is_half_as_fresh() -> None:
    old, new = source(uri="a", dated=NEWEST - timedelta(days=30)), source(uri="b", dated=NEWEST)
    assert factor(old, "freshness", new).value == 0.5
    assert factor(old, "freshness", new).reason == "30.0 days older than the newest"
    assert factor(new, "freshness", old).value == 1.0
    assert factor(new, "freshness", old).reason == "the newest dated source"


def test_freshness_does_not_know_what_day_it_is() -> None:
    long_ago = source(dated=datetime(1999, 1, 1, tzinfo=UTC))
    assert factor(long_ago, "freshness").value == 1.0


def test_an_undated_source_is_middling_and_the_reason_says_so() -> None:
    assert factor(source(), "freshness", source(dated=NEWEST)) == Factor(
        "freshness", 0.5, 0.3, "undated, taken as middling"
    )


def test_the_series_overrides_reliability_by_source_type() -> None:
    policy = SeriesPolicy(reliabilities={SourceType.BRIEF: 0.1})
    brief, notes = weigh(
        [source(source_type=SourceType.BRIEF), source(source_type=SourceType.RESEARCH_NOTES)], policy
    )
    assert brief.factors[-1].value == 0.1
    assert notes.factors[-1].value == 0.5


def test_a_certain_engine_counts_for_more() -> None:
    sure = source(uri="a", utterances=WORDS, signals=Signals(avg_logprob=-0.1))
    unsure = source(uri="b", utterances=WORDS, signals=Signals(avg_logprob=-1.0))
    first, second = weigh([sure, unsure], POLICY)
    assert first.weight > second.weight


def test_repetition_and_damage_count_against_a_source() -> None:
    fine = source(uri="a", utterances=WORDS, signals=Signals(compression_ratio=1.8))
    looping = source(uri="b", utterances=WORDS, signals=Signals(compression_ratio=6.0))
    damaged = source(uri="c", utterances=WORDS, signals=Signals(compression_ratio=1.8, damage=0.01))
    a, b, c = weigh([fine, looping, damaged], POLICY)
    assert a.weight > b.weight
    assert a.weight > c.weight


def test_evidence_that_a_format_cannot_carry_is_not_held_against_it() -> None:
    names = {f.name for f in weigh([source(utterances=WORDS)], POLICY)[0].factors}
    assert "quality: engine certainty" not in names


def test_a_fragment_weighs_less_than_the_whole() -> None:
    whole = source(uri="a", utterances=WORDS * 10)
    fragment = source(uri="b", utterances=WORDS)
    first, second = weigh([whole, fragment], POLICY)
    assert first.weight > second.weight
    assert factor(fragment, "quality: completeness", whole).reason == "15 of the longest's 150 characters"


def test_speakers_and_times_count_for_a_transcript() -> None:
    bare = source(uri="a", utterances=WORDS)
    full = source(uri="b", utterances=WORDS, signals=Signals(speaker_coverage=1.0, timing_coverage=1.0))
    first, second = weigh([bare, full], POLICY)
    assert second.weight > first.weight


def test_words_with_a_start_and_no_end_are_timed_by_half() -> None:
    def timed(end: float | None) -> NormalizedSource:
        said = [Utterance("good evening", "cue 1", start=1.0, end=end)]
        return source(uri=f"{end}", utterances=said, signals=Signals(timing_coverage=1.0))

    full, half = (factor(timed(end), "quality: timing") for end in (2.0, None))
    assert (full.value, full.reason) == (1.0, "100% of its words have a start, 100% an end")
    assert (half.value, half.reason) == (0.5, "100% of its words have a start, 0% an end")


def test_coefficients_of_nothing_give_weights_of_nothing() -> None:
    policy = SeriesPolicy(quality=0, freshness=0, reliability=0)
    assert weigh([source(utterances=WORDS)], policy)[0].weight == 0


@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.none() | st.floats(0, 1), st.integers(1, 12)), min_size=1
    ),
    st.data(),
    st.booleans(),
)
def test_a_source_that_loses_words_never_weighs_more(
    said: list[tuple[bool, bool, float | None, int]], data: st.DataObject, alone: bool
) -> None:
    """Whatever it was that it lost: speech without speakers, without times, of little confidence."""
    utterances = [
        Utterance(
            " ".join(["word"] * words),
            f"cue {n}",
            "Ada" if named else None,
            1.0 if timed else None,
            None,
            sure,
        )
        for n, (named, timed, sure, words) in enumerate(said)
    ]
    kept = data.draw(st.lists(st.sampled_from(utterances), unique=True, min_size=1))
    words = {each.where: each.text.count(" ") + 1 for each in utterances}
    lost = 1 - sum(words[each.where] for each in kept) / sum(words.values())
    others = [] if alone else [source(uri="other.vtt", utterances=utterances)]

    def weight(left: list[Utterance], lost: float) -> int:
        made = source(utterances=left, signals=covered(Signals(lost=lost), left))
        return weigh([made, *others], POLICY)[0].weight

    assert weight(kept, lost) <= weight(utterances, 0.0)


def test_what_was_left_out_stands_among_the_reasons() -> None:
    made = source(utterances=WORDS, signals=Signals(lost=0.25, speaker_coverage=1.0))
    assert factor(made, "quality: integrity").value == 0
    assert "25.00% of its words left out" in factor(made, "quality: integrity").reason
    speakers = factor(made, "quality: speakers")
    assert speakers.value == 0.75
    assert speakers.reason == "100% of its words have a speaker; 25% of its words were left out"


def shares(made: NormalizedSource) -> dict[str, tuple[float, float]]:
    """Value and share in the weight of each factor, in thousandths."""
    return {
        f.name.removeprefix("quality: "): (round(1000 * f.value), round(1000 * f.coefficient))
        for f in weigh([made], POLICY)[0].factors
    }


def test_what_each_piece_of_evidence_counts() -> None:
    said = [
        Utterance("aaaa", "cue 1", start=1.0, end=2.0, confidence=0.9),
        Utterance("bbbb", "cue 2", start=2.0, confidence=0.5),
    ]
    signals = Signals(
        speaker_coverage=0.25,
        timing_coverage=0.5,
        no_speech_prob=0.2,
        compression_ratio=4.8,
        damage=0.01,
        well_formed=False,
    )
    thirteen = {  # thirteenths of quality's 0.5
        "completeness": (1000, 115),
        "engine certainty": (700, 115),
        "speech": (800, 38),
        "repetition": (500, 38),
        "speakers": (250, 77),
        "timing": (375, 38),
        "integrity": (250, 77),
        "freshness": (500, 300),
    }
    found = shares(source(utterances=said, signals=signals))
    assert {name: found[name] for name in thirteen} == thirteen
    certain = shares(source(utterances=said, signals=Signals(avg_logprob=-0.5)))
    assert certain["engine certainty"] == (607, 136)  # of eleven


def test_no_evidence_counts_for_more_than_all() -> None:
    signals = Signals(avg_logprob=1.0, no_speech_prob=-1.0, compression_ratio=1.8)
    found = shares(source(utterances=WORDS, signals=signals))
    assert {found[name][0] for name in ("engine certainty", "speech", "repetition", "integrity")} == {1000}
    bare = shares(source(utterances=WORDS))
    assert (bare["speakers"][0], bare["timing"][0]) == (0, 0)


def test_a_text_repeats_itself_beyond_whisper_s_limit_only() -> None:
    at = factor(source(signals=Signals(compression_ratio=2.4)), "quality: repetition")
    assert (at.value, at.reason) == (1.0, "compression ratio 2.40")


def test_claims_are_content_too_and_nothing_is_as_long_as_the_longest_of_nothing() -> None:
    claim = Claim(ClaimField.TITLE, "four", "line 1")
    full = source(uri="a", source_type=SourceType.BRIEF, claims=[claim, claim])
    half = source(uri="b", source_type=SourceType.BRIEF, claims=[claim])
    assert factor(half, "quality: completeness", full).value == 0.5
    empty = factor(source(), "quality: completeness")
    assert (empty.value, empty.reason) == (0.0, "the longest of its type")


def test_a_trusted_source_weighs_all_there_is() -> None:
    (weighted,) = weigh([source(utterances=WORDS, signals=Signals(trusted=True))], POLICY)
    assert weighted.weight == 1000
    assert weighted.factors == (Factor("trust", 1.0, 1.0, "--trust or its front matter says so"),)


def test_what_is_whole_is_said_to_be() -> None:
    whole = factor(source(utterances=WORDS), "quality: integrity")
    assert whole.reason == "well-formed and undamaged"
