"""The clean style of a series: fillers and false starts stand in the apparatus, and nothing is lost."""

from copy import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.canonical.domain import SeriesPolicy, Style
from episodic.canonical.resolution.editors.clean import clean
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolution.transcripts import language_tables
from episodic.canonical.sources import WeightedSource
from episodic.canonical.text.tokens import tokenize
from tests.canonical.making import transcript
from tests.canonical.resolution.editors.test_words import assert_lossless, decision, lemma, read
from tests.canonical.resolution.strategies import transcripts

CLEAN = SeriesPolicy(style=Style.CLEAN)


@pytest.mark.parametrize(
    ("language", "said", "left"),
    [
        ("en", "Um, so the, the lamp, uh.", "So the lamp."),
        ("en", "I, I think the, uh, the light is, um, low.", "I think the light is, low."),
        ("en", "And it it was in the, in the harbour.", "And it was in the harbour."),
        ("en", "They're they're it's it's the the the end", "They're it's the end"),
        ("en", "th- the lan- lantern- keeper", "the lantern- keeper"),
        ("en", "It burns, and in the, and in the harbour.", "It burns, and in the harbour."),
        ("en", "She said um... the lamp", "She said the lamp"),
        ("en", "Is it lit, er? Um, we know.", "Is it lit? We know."),
        ("de", "Ähm, in in der, äh, der Lampe ist ist Licht, äh.", "In der, der Lampe ist ist Licht."),
        ("de", "Und, äh, und wir wir gehen.", "Und wir gehen."),
        ("fr", "Euh, je je vois la la lampe, euh.", "Je vois la lampe."),
        ("es", "Eh, el el faro, eh, con con luz.", "El faro, con luz."),
        ("pl", "um, the the lamp", "um, the the lamp"),
    ],
)
def test_fillers_and_false_starts_are_left_out(language: str, said: str, left: str) -> None:
    assert "".join(clean(tokenize([said]).forms, language_tables.of(language)[1])).strip() == left


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "He knew that that was all he had had."),
        ("en", "That is what it is. It is what I told you you need."),
        ("en", "Whoever they are, they are late."),
        ("en", "What is it in? In the tower."),
        ("en", "Very, very late; no, no, not, not yet."),
        ("en", "Uh-huh, in the ER, a 5 mm gap, uh-oh."),
        ("en", "Um."),
        ("en", "re-reading a-and"),
        ("de", "Die, die die Lampe sehen, weil sie sie kennen, ja, ja."),
        ("fr", "Nous nous levons et vous vous asseyez."),
        ("es", "No, no es la luz."),
    ],
)
def test_what_is_meant_stays(language: str, said: str) -> None:
    assert "".join(clean(tokenize([said]).forms, language_tables.of(language)[1])).strip() == said


def heard(language: str, *texts: str) -> list[WeightedSource]:
    made = [transcript(600 - number, text, uri=f"{number}.vtt") for number, text in enumerate(texts)]
    return [replace(each, source=replace(each.source, language=language)) for each in made]


@pytest.mark.parametrize(
    ("language", "texts", "left"),
    [
        ("en", ("Um, the the lantern burns, uh.",), "The lantern burns. "),
        (
            "en",
            ("Um, the the lantern burns.", "Um, the lantern burns.", "The lamp burns."),
            "The lantern burns. ",
        ),
        ("de", ("Ähm, ich ich sehe das Licht.", "Äh, ich sehe das Licht."), "Ich sehe das Licht. "),
    ],
)
def test_nothing_of_a_witness_is_lost(language: str, texts: tuple[str, ...], left: str) -> None:
    sources = heard(language, *texts)
    resolution = resolve(sources, CLEAN)
    document = read(resolution)
    assert document.text() == left
    assert_lossless(document, resolution)
    reasons = {d.reason for d in resolution.decisions if d.variation.verdict}
    assert reasons <= {f"{done} by the clean style of the series" for done in ("emended", "decided")}
    assert "um" in lemma(resolve(sources, SeriesPolicy())).casefold() or language == "de"


@pytest.mark.parametrize(
    ("address", "text", "left"),
    [
        ("-/um", "Um,", "Um, the lantern burns. The light sleeps. "),
        ("-/light", "lamp", "The lantern burns. The lamp sleeps. "),
        ("-/The light", "A light", "The lantern burns. A light sleeps. "),
        ("-/burns", "glows.", "The lantern glows. The light sleeps. "),
    ],
)
def test_an_editor_has_the_last_word_and_can_name_each(address: str, text: str, left: str) -> None:
    sources = heard("en", "Um, the the lantern burns, uh. Er, the light sleeps.")
    made = [decision(address, text)]
    resolution = resolve(sources, CLEAN, made)
    assert [replay.in_force for replay in resolution.replays] == [True]
    assert lemma(resolution, made) == left
    assert_lossless(read(resolution, made), resolution)


def test_what_the_series_replaces_beside_a_filler_is_replaced() -> None:
    policy = replace(CLEAN, replacements={"lantern": "lamp"})
    assert lemma(resolve(heard("en", "Um, lantern light, um."), policy)) == "lamp light. "


@given(transcripts(), st.data())
def test_every_witness_reads_back_from_a_clean_text(
    sources: list[WeightedSource], data: st.DataObject
) -> None:
    spoken = data.draw(st.sampled_from(["um ", "the the ", "th- the "]))
    said = [_with(each, spoken) for each in sources]
    resolution = resolve(said, CLEAN)
    assert_lossless(read(resolution), resolution)


def _with(source: WeightedSource, spoken: str) -> WeightedSource:
    """Say something before each third word."""
    utterances = tuple(
        replace(u, text=" ".join(spoken * (not n % 3) + word for n, word in enumerate(u.text.split())))
        for u in source.source.utterances
    )
    return replace(source, source=replace(source.source, utterances=utterances))
