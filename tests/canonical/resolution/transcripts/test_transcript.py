from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from episodic.canonical.document import CanonicalUtterance, Difference, PassageVariation, Reading, Variation
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolution.transcripts.apparatus import compare
from episodic.canonical.resolution.transcripts.collation import collate
from episodic.canonical.resolved import Decision, Resolution
from episodic.canonical.sources import Utterance, WeightedSource, Word
from tests.canonical.making import source, transcript, weighted
from tests.canonical.resolution.noise import keys, noisy, word_error_rate
from tests.canonical.resolution.strategies import transcripts

POLICY = SeriesPolicy()
LOCAL = Path(__file__).parents[3] / "data" / "resolution"


def lemma(resolution: Resolution) -> str:
    """Spell the canonical transcript."""
    found: list[str] = []
    for part in resolution.document.transcript:
        for utterance in part.lemma.utterances if isinstance(part, PassageVariation) else (part,):
            found += [piece if isinstance(piece, str) else piece.lemma.text for piece in utterance.text]
    return "".join(found).strip()


def lemma_of(*sources: WeightedSource) -> str:
    return lemma(resolve(sources, POLICY))


def utterances(resolution: Resolution) -> list[CanonicalUtterance]:
    return [part for part in resolution.document.transcript if isinstance(part, CanonicalUtterance)]


def variations(resolution: Resolution) -> list[Variation]:
    return [piece for u in utterances(resolution) for piece in u.text if isinstance(piece, Variation)]


def passages(resolution: Resolution) -> list[PassageVariation]:
    return [part for part in resolution.document.transcript if isinstance(part, PassageVariation)]


def word_decisions(resolution: Resolution) -> list[Decision]:
    return [d for d in resolution.decisions if d.kind == "transcript" and not d.address.startswith("witness")]


# --- the vote


def test_two_lighter_witnesses_correct_the_heaviest() -> None:
    made = lemma_of(
        transcript(600, "Ask me weather it works, OK."),
        transcript(500, "Ask me whether it works. OK."),
        transcript(400, "ask me whether it works. OK so."),
    )
    assert made == "Ask me whether it works. OK."


def test_a_witness_heavier_than_all_others_together_is_followed_word_for_word() -> None:
    heavy = "Ask me weather it works, OK."
    made = lemma_of(
        transcript(900, heavy),
        transcript(300, "Ask me whether it works. OK so."),
        transcript(300, "ask me whether it worked. OK so."),
    )
    assert made == heavy


def test_copies_in_other_packaging_vote_once_at_the_weight_of_the_heaviest() -> None:
    words = "Ask me whether it works and I shall tell you all that I know of it."
    resolution = resolve(
        [
            transcript(600, words.replace("whether", "weather")),
            transcript(400, words),
            transcript(400, words[:17], words[17:], uri="copy.srt"),
        ],
        POLICY,
    )
    assert "weather" in lemma(resolution)
    assert any("copies s2" in d.reason or "copies s3" in d.reason for d in resolution.decisions)


def test_a_fragment_does_not_vote_for_absence_where_it_does_not_reach() -> None:
    first = [f"this is sentence number {n} of the first half." for n in range(20)]
    second = [f"and here we have the second half with line {n}." for n in range(20)]
    resolution = resolve(
        [
            transcript(600, *first, uri="a"),
            transcript(590, *first, uri="b"),
            transcript(100, *first, *second),
        ],
        POLICY,
    )
    assert lemma(resolution).endswith("line 19.")
    (whole,) = passages(resolution)
    assert [(r.sigla, r.cause) for r in whole.others] == [(("s1", "s2"), "lacuna")]
    assert word_decisions(resolution) == []


def test_confident_words_win_over_unsure_ones() -> None:
    def heard(weight: int, word: str, sure: float, uri: str) -> WeightedSource:
        words = (Word("so", confidence=0.9), Word(word, confidence=sure), Word("it", confidence=0.9))
        return weighted(weight, source(uri=uri, utterances=[Utterance(f"so {word} it", "1", words=words)]))

    assert lemma_of(heard(600, "weather", 0.1, "a"), heard(500, "whether", 0.9, "b")) == "so whether it"


def test_of_equal_weights_the_base_is_the_one_that_agrees_most_with_the_others() -> None:
    resolution = resolve(
        [
            transcript(500, "one two three four", uri="a"),
            transcript(500, "one two three nine", uri="b"),
            transcript(400, "one two three nine", "five", uri="c"),
        ],
        POLICY,
    )
    base = next(w for w in resolution.witnesses if w.siglum == resolution.document.base)
    assert base.weighted.source.uri == "b"


def test_a_loop_has_no_vote_and_doubles_nothing() -> None:
    said = [f"we talk of loom number {n} and of its engine." for n in range(6)]
    looping = [*said[:3], *(["Thank you."] * 200), *said[3:]]
    for others in (1, 2):
        made = lemma_of(
            transcript(600, *looping, uri="loop"),
            *(transcript(500, *said, uri=f"{n}") for n in range(others)),
        )
        assert made.count("Thank you.") < 2
        assert made.replace("Thank you. ", "") == " ".join(said)


def test_a_passage_in_two_of_three_comes_back_whole() -> None:
    before = [f"at the beginning we speak of part {n}." for n in range(10)]
    passage = [
        f"then somebody asks {n} about looms, wool and the price of {n * 7} engines." for n in range(25)
    ]
    after = [f"in the end we come to question {n} of all." for n in range(10)]
    made = lemma_of(
        transcript(700, *before, *after, uri="lacking"),
        transcript(500, *before, *passage, *after, uri="a"),
        transcript(500, *(each.replace("part", "parts") for each in before), *passage, *after, uri="b"),
    )
    assert made == " ".join((*before, *passage, *after))


def test_of_three_ways_to_write_a_sum_none_is_mixed_with_another() -> None:
    for sums in (
        ("$65 million", "65 million dollars", "sixty five million dollars"),
        ("£42", "42 pounds", "forty two pounds"),
    ):
        made = lemma_of(
            *(
                transcript(600 - n, f"they paid {said} for the looms", uri=f"{n}")
                for n, said in enumerate(sums)
            )
        )
        assert made in {f"they paid {said} for the looms" for said in sums}


# --- the apparatus


def test_a_place_without_a_time_has_that_of_the_nearest_before_with_one() -> None:
    resolution = resolve(
        [
            transcript(
                600,
                Utterance("the lantern keeps the light", "1", start=7.0),
                Utterance("the harbour is quiet", "2"),
            ),
            transcript(500, "well the lantern kept the light", "the harbour was quiet"),
        ],
        POLICY,
    )
    assert [(d.start, d.address[:8]) for d in word_decisions(resolution)] == [(7.0, "0:00:07/")] * 3


def test_punctuation_case_and_spacing_are_orthographic_and_words_substantive() -> None:
    resolution = resolve(
        [
            transcript(600, "Well, it is the GeoCities web page."),
            transcript(500, "well it was the geo cities web page."),
        ],
        POLICY,
    )
    assert [(v.lemma.text, v.difference) for v in variations(resolution)] == [
        ("Well, ", Difference.ORTHOGRAPHIC),
        ("is ", Difference.SUBSTANTIVE),
        ("GeoCities ", Difference.ORTHOGRAPHIC),
    ]


def test_adjacent_differences_of_the_same_witnesses_are_one_entry() -> None:
    (variation,) = variations(
        resolve(
            [
                transcript(600, "we like the red brick house"),
                transcript(500, "we like the blue wooden house"),
            ],
            POLICY,
        )
    )
    assert variation.lemma == Reading("red brick ", ("s1",), 600)
    assert variation.others == (Reading("blue wooden ", ("s2",), 500),)


def test_witnesses_that_split_in_different_ways_are_different_entries() -> None:
    made = variations(
        resolve(
            [
                transcript(600, "we like the red brick house"),
                transcript(500, "we like the blue brick house"),
                transcript(400, "we like the red wooden house"),
            ],
            POLICY,
        )
    )
    assert [v.lemma.text for v in made] == ["red ", "brick "]


def test_a_passage_that_only_some_have_is_one_entry_of_utterances() -> None:
    before, after = "We talk of engines first of all.", "Then we come back to the looms of old."
    advert = [f"Buy the number {n} for your home." for n in ("one", "two", "three")]
    resolution = resolve([transcript(600, before, *advert, after), transcript(500, before, after)], POLICY)
    (passage,) = passages(resolution)
    assert [u.text for u in passage.lemma.utterances] == [(f"{text} ",) for text in advert]
    assert [(r.utterances, r.sigla) for r in passage.others] == [((), ("s2",))]
    assert len(word_decisions(resolution)) == 1


def test_a_passage_in_the_middle_of_an_utterance_splits_it() -> None:
    chat = ["Wait a moment please, my dear.", "The dog wants to go out again."]
    resolution = resolve(
        [
            transcript(600, "So we begin with the engine and end with the loom."),
            transcript(500, "So we begin with the engine", *chat, "and end with the loom."),
        ],
        POLICY,
    )
    assert [(u.text, u.continues) for u in utterances(resolution)] == [
        (("So we begin with the engine ",), False),
        (("and end with the loom. ",), True),
    ]


def test_a_short_variation_over_a_bound_is_split_there() -> None:
    resolution = resolve(
        [
            transcript(600, "It works for me.", "Good to hear that."),
            transcript(500, "It works to hear that."),
        ],
        POLICY,
    )
    assert passages(resolution) == []
    assert [v.lemma.text for v in variations(resolution)] == ["for me. ", "Good "]


def test_a_witness_of_another_conversation_is_kept_but_has_no_vote() -> None:
    talk = [f"we said {n} things about {n * n} engines that day" for n in range(20)]
    other = [f"bake this cake for {n} minutes with {n + 3} eggs" for n in range(20)]
    resolution = resolve(
        [transcript(600, *talk), transcript(500, *other), transcript(450, *talk[::-1][:1], *talk)], POLICY
    )
    assert lemma(resolution).startswith("we said")
    assert "cake" not in lemma(resolution)
    (decision,) = [d for d in resolution.decisions if "does not belong together" in d.reason]
    assert decision.address == "witness s2"


def test_the_conversation_with_most_weight_is_the_episodes() -> None:
    talk = [f"we said {n} things about {n * n} engines that day" for n in range(20)]
    other = [f"bake this cake for {n} minutes with {n + 3} eggs" for n in range(20)]
    made = lemma_of(transcript(600, *other), transcript(500, *talk), transcript(450, *talk, "Goodbye."))
    assert made.startswith("we said")


# --- speakers and times


def test_a_speaker_that_only_a_lighter_witness_names_is_carried_over() -> None:
    resolution = resolve(
        [
            transcript(600, "Does it work?", "It does.", "Unheard of by others."),
            transcript(500, Utterance("Does it work?", "1", "Ada"), Utterance("It does!", "2", "Charles")),
        ],
        POLICY,
    )
    assert [u.speaker for u in utterances(resolution)] == ["sp-ada", "sp-charles", None]


def test_a_speaker_of_less_than_half_an_utterances_words_is_not_carried_over() -> None:
    resolution = resolve(
        [
            transcript(
                600,
                Utterance("Good evening to all of you out there tonight.", "1", "Eve"),
                Utterance("And a very good evening to you too, my dear.", "2", "Flo"),
                "Does it work and shall it go on?",
            ),
            transcript(
                500,
                Utterance("Does it work", "1", "Ada"),
                Utterance("and shall it", "2", "Charles"),
                Utterance("go on", "3", "Mary"),
            ),
        ],
        POLICY,
    )
    assert [u.speaker for u in utterances(resolution)] == [None]


def test_another_speaker_without_a_name_begins_an_utterance_unless_a_lighter_witness_names_them() -> None:
    base = transcript(
        600, "Good evening.", Utterance("Cold.", "cue 2", turn=True), Utterance("Quite.", "cue 3", turn=True)
    )
    other = transcript(500, "Good evening. Cold.", Utterance("Quite.", "cue 2", "Ada"), uri="b.vtt")
    made = utterances(resolve([base, other], POLICY))
    assert [(u.speaker is None, u.turn) for u in made] == [(True, False), (True, True), (False, False)]


def test_changes_of_speaker_that_a_lighter_witness_marks_are_taken_into_the_heavier_one_s_utterances() -> (
    None
):
    said = "It is cold out here.", "Quite cold, yes. And dark.", "Let us go in."
    base = transcript(600, *(Utterance(text, "cue", None, 4 * n, 4 * n + 4) for n, text in enumerate(said)))
    marks = (
        ("It is cold out here. Quite cold,", False),
        ("yes.", True),
        ("Uh, and dark.", True),
        (said[2], True),
    )
    cues = [Utterance(text, "cue", None, 9 + n, 10 + n, turn=turn) for n, (text, turn) in enumerate(marks)]
    resolution = resolve([base, transcript(500, *cues, uri="b.vtt")], POLICY)
    made = utterances(resolution)
    assert [(u.siglum, u.turn) for u in made] == [("s1", turn) for turn in (False, False, True, True, True)]
    assert [u.start for u in made if u.start is not None and u.start % 4 == 0] == [0, 4, 8]
    assert [u.start for u in made] == sorted(u.start or 0 for u in made)


def test_marks_of_another_witness_change_nothing_where_the_base_has_a_speaker() -> None:
    base = transcript(600, Utterance("It is cold out here. Quite cold, yes.", "cue 1", "Ada"))
    marked = [Utterance("It is cold out here.", "1"), Utterance("Quite cold, yes.", "2", turn=True)]
    made = utterances(resolve([base, transcript(500, *marked, uri="b.vtt")], POLICY))
    assert [(u.speaker, u.turn) for u in made] == [("sp-ada", False)]


def test_the_rest_of_an_utterance_that_is_split_begins_no_turn() -> None:
    base = transcript(600, Utterance("It is cold out here.", "cue 1", turn=True))
    other = transcript(
        500,
        "It is cold",
        Utterance("as it was yesterday, and before", "cue 2", "Ada"),
        "out here.",
        uri="b.vtt",
    )
    made = utterances(resolve([base, other], POLICY))
    assert [(u.continues, u.turn) for u in made] == [(False, True), (True, False)]


def test_what_the_base_says_of_speakers_stands() -> None:
    resolution = resolve(
        [
            transcript(600, Utterance("Does it work?", "1", "Ada")),
            transcript(500, Utterance("Does it work?", "1", "Charles")),
        ],
        POLICY,
    )
    assert [u.speaker for u in utterances(resolution)] == ["sp-ada"]


def test_a_passage_that_the_base_lacks_is_put_on_the_clock_of_the_base() -> None:
    def spoken(offset: float, *texts: str) -> list[Utterance]:
        return [Utterance(t, "cue", None, offset + 2 * i, offset + 2 * i + 2) for i, t in enumerate(texts)]

    first, lost, last = "We talk of engines first.", "This was lost by one.", "Then we talk of looms."
    base = [*spoken(0.0, first), *spoken(4.0, last)]
    resolution = resolve(
        [
            transcript(600, *base, uri="a"),
            transcript(590, *spoken(60.0, first, lost, last), uri="b"),
            transcript(580, *spoken(90.0, first, lost.replace("one", "us"), last), uri="c"),
        ],
        POLICY,
    )
    assert [(u.siglum, u.start, u.end) for u in utterances(resolution)] == [
        ("s1", 0.0, 2.0),
        ("s2", 2.0, 4.0),
        ("s1", 4.0, 6.0),
    ]


def test_a_passage_from_elsewhere_takes_no_time_that_the_recording_does_not_have() -> None:
    first, last = (
        Utterance("We talk of engines first.", "1", None, 0, 2),
        Utterance("Then of looms.", "2", None, 2, 4),
    )
    lost = [Utterance(f"Chat number {n} with the public.", "", None, 62 + n, 63 + n) for n in range(3)]
    live = [Utterance(first.text, "1", None, 60, 62), *lost, Utterance(last.text, "2", None, 65, 67)]
    resolution = resolve(
        [
            transcript(600, first, last),
            transcript(400, *live),
            transcript(390, *live[:4], Utterance("Then the looms.", "2")),
        ],
        POLICY,
    )
    (passage,) = passages(resolution)
    assert [(u.start, u.end) for u in passage.lemma.utterances] == [(2.0, 2.0)] * 3


# --- addresses


def test_an_address_does_not_depend_on_sigla_or_the_number_of_witnesses() -> None:
    one = transcript(600, "Ask me weather it works.", uri="a")
    other = transcript(500, "Ask me whether it works.", uri="b")
    heavier = transcript(900, "Ask me weather it works.", uri="c")
    few = {d.address for d in word_decisions(resolve([one, other], POLICY))}
    more = {d.address for d in word_decisions(resolve([one, other, heavier], POLICY))}
    assert few == more
    assert len(few) == 1


def test_an_address_does_not_depend_on_who_wins() -> None:
    one, other = "Ask me weather it works.", "Ask me whether it works."
    (before,) = word_decisions(resolve([transcript(600, one), transcript(500, other)], POLICY))
    (after,) = word_decisions(resolve([transcript(500, one), transcript(600, other)], POLICY))
    assert before.variation.lemma.text == after.variation.others[0].text
    assert before.address == after.address


def test_addresses_are_unique() -> None:
    said = ["a b weather c d", "a b weather c d", "a b weather c d"]
    resolution = resolve(
        [transcript(600, *said), transcript(500, *(s.replace("weather", "whether") for s in said))], POLICY
    )
    addresses = [d.address for d in word_decisions(resolution)]
    assert len(set(addresses)) == len(addresses) == 3


# --- invariants


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(transcripts(7))
def test_the_lemma_of_every_entry_is_the_reading_of_a_witness(sources: list[WeightedSource]) -> None:
    resolution = resolve(sources, POLICY)
    collation = collate(resolution.witnesses, POLICY)
    if collation is None:
        assert lemma(resolution) == ""
        return
    compared = compare(collation)
    for run in compared.runs:
        leader = run.groups[0].voices[0] if run.groups else collation.base
        assert "".join(compared.lemma[run.start : run.end]) == collation.text_in(leader, run.start, run.end)
    assert "".join(compared.lemma).strip() == lemma(resolution)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(transcripts(distinct_weights=True))
def test_the_order_of_the_sources_does_not_matter(sources: list[WeightedSource]) -> None:
    assert resolve(sources, POLICY) == resolve(sources[::-1], POLICY)


CONVERSATION = [
    Utterance(text, f"line {n}", None, float(n), float(n + 1))
    for n, text in enumerate((LOCAL / "conversation.txt").read_text().splitlines(), 1)
]
ORDERS = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]


@pytest.mark.parametrize("order", ORDERS)
def test_three_noisy_copies_make_less_than_half_the_errors_of_the_best(order: Sequence[int]) -> None:
    original = keys([u.text for u in CONVERSATION])
    copies = [noisy(CONVERSATION, rate, seed) for seed, rate in enumerate((0.05, 0.1, 0.15))]
    sources = [transcript(w, *copies[i], uri=f"{i}") for i, w in zip(order, (600, 580, 550), strict=True)]
    best = min(word_error_rate(keys([u.text for u in copy]), original) for copy in copies)
    assert 2 * word_error_rate(keys([lemma_of(*sources)]), original) <= best


def test_ten_witnesses_of_one_weight_correct_each_other() -> None:
    original = keys([u.text for u in CONVERSATION])
    sources = [transcript(500, *noisy(CONVERSATION, 0.15, seed), uri=f"{seed}") for seed in range(10)]
    assert word_error_rate(keys([lemma_of(*sources)]), original) < 0.02


def test_scripts_without_spaces_are_collated_character_by_character() -> None:
    made = lemma_of(
        transcript(600, "今日は天気がいいです。", "散歩に行きましょう。"),
        transcript(500, "今日は天気がいいです。散歩に生きましょう。"),
        transcript(400, "今日わ天気がいいです。散歩に行きましょう。"),
    )
    assert made == "今日は天気がいいです。散歩に行きましょう。"


def test_noisy_copies_do_not_outvote_a_witness_heavier_than_all_of_them() -> None:
    copies = [noisy(CONVERSATION, rate, seed) for seed, rate in enumerate((0.15, 0.1, 0.05))]
    sources = [
        transcript(w, *copy, uri=f"{w}{i}")
        for i, (w, copy) in enumerate(zip((900, 300, 300), copies, strict=True))
    ]
    assert keys([lemma_of(*sources)]) == keys([u.text for u in copies[0]])
