"""Names and terms of an episode's papers."""

from dataclasses import replace

import pytest

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolution.transcripts.spelling import names_among
from episodic.canonical.resolution.vocabulary import vocabulary
from episodic.canonical.resolved import Learned
from episodic.canonical.sources import (
    Claim,
    ClaimField,
    Passage,
    PassageKind,
    SourceType,
    Utterance,
    WeightedSource,
)
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import tokenize
from tests.canonical.making import edition, source, transcript, weighted

POLICY = SeriesPolicy()


def brief(text: str, *claims: Claim) -> WeightedSource:
    passages = [Passage(PassageKind.PARAGRAPH, text, "line 1")]
    made = source(uri="brief.md", source_type=SourceType.BRIEF, passages=passages, claims=claims)
    return weighted(300, made)


def said(*sources: WeightedSource, policy: SeriesPolicy = POLICY) -> str:
    return reader.read(write(resolve(sources, policy), edition())).text()


@pytest.mark.parametrize(
    "paper",
    [
        brief("We talk about COBOL and its users."),
        brief("nothing", Claim(ClaimField.KEYWORD, "cobol", "line 1")),
        brief("nothing", Claim(ClaimField.PERSON, "Jane Cobol", "line 1")),
        transcript(300, Utterance("Something else.", "1", speaker="Cobol")),
    ],
)
def test_a_word_that_the_papers_have_wins_over_one_that_only_sounds_like_it(paper: WeightedSource) -> None:
    heard = ["they wrote it in Kobol then", "they wrote it in COBOL then", "they wrote it in cobalt then"]
    texts = [transcript(600 - 10 * n, text, uri=f"{n}.vtt") for n, text in enumerate(heard)]
    assert "Kobol" in said(*texts)
    assert "COBOL" in said(*texts, paper)
    assert "COBOL" in said(*texts[:2], paper)


@pytest.mark.parametrize(
    "policy",
    [SeriesPolicy(replacements={"cobble": "COBOL"}), SeriesPolicy(speakers={"Speaker 1": "Jane Cobol"})],
    ids=["replacements", "speakers"],
)
def test_a_word_that_the_settings_of_the_series_have_wins_too(policy: SeriesPolicy) -> None:
    heard = ["they wrote it in Kobol then", "they wrote it in COBOL then"]
    texts = [transcript(600 - 10 * n, text, uri=f"{n}.vtt") for n, text in enumerate(heard)]
    assert "Kobol" in said(*texts)
    assert "COBOL" in said(*texts, policy=policy)
    assert "COBOL" not in said(texts[0], policy=policy)


@pytest.mark.parametrize("more", [(), ("they wrote it in cobalt then",)], ids=["two", "three"])
def test_a_name_of_another_episode_wins_and_is_told(more: tuple[str, ...]) -> None:
    heard = ["they wrote it in Kobol then", "they wrote it in COBOL then", *more]
    texts = [transcript(600 - 10 * n, text, uri=f"{n}.vtt") for n, text in enumerate(heard)]
    assert resolve(texts, POLICY).learned == Learned()
    resolution = resolve(texts, POLICY, learned=frozenset({"cobol", "wrote", "reyes"}))
    assert "COBOL" in reader.read(write(resolution, edition())).text()
    assert resolution.learned == Learned(said=("cobol", "wrote"), decided=("cobol",))
    reasons = [decision.reason for decision in resolution.decisions]
    assert any(reason.startswith("other episodes have cobol; ") for reason in reasons)


def test_a_name_that_the_episode_has_itself_is_not_owed_to_others() -> None:
    texts = [
        transcript(600, "they wrote it in Kobol then", uri="1"),
        transcript(500, "they wrote it in COBOL then", uri="2"),
        brief("We talk about COBOL and its users."),
    ]
    resolution = resolve(texts, POLICY, learned=frozenset({"cobol"}))
    assert "COBOL" in reader.read(write(resolution, edition())).text()
    assert resolution.learned.decided == ()


def test_a_name_of_another_episode_does_not_overrule_an_editor_or_who_is_trusted() -> None:
    heard = ["they wrote it in Kobol then", "they wrote it in COBOL then"]
    texts = [transcript(600 - 10 * n, text, uri=f"{n}.vtt") for n, text in enumerate(heard)]
    texts[0] = replace(texts[0], trusted=True)
    resolution = resolve(texts, POLICY, learned=frozenset({"cobol"}))
    assert "Kobol" in reader.read(write(resolution, edition())).text()
    assert resolution.learned == Learned(said=("cobol",))


def test_no_word_of_another_episode_stands_that_no_witness_has() -> None:
    texts = [
        transcript(600, "they wrote it in Kobol then", uri="1"),
        transcript(500, "they wrote it in cobalt then", uri="2"),
    ]
    resolution = resolve(texts, POLICY, learned=frozenset({"cobol"}))
    assert "COBOL" not in reader.read(write(resolution, edition())).text()
    assert resolution.learned == Learned()


@pytest.mark.parametrize(
    ("learned", "more", "decides"),
    [
        ("case", "", True),  # small at one place only: the disputed one
        ("case", "In any case they went.", False),  # a guest called Case
        ("case", "Case went.", True),  # how a sentence begins says nothing
        ("case", "In any case they went. We met John Case.", True),  # as often with a capital
        ("CASE", "In any case they went.", True),  # an acronym, which some engines write small
    ],
)
def test_what_the_transcripts_write_small_is_no_name_here(learned: str, more: str, decides: bool) -> None:
    heard = [f"They showed the cake then. {more}", f"They showed the case then. {more}"]
    texts = [transcript(600 - 10 * n, text, uri=f"{n}.vtt") for n, text in enumerate(heard)]
    assert "the cake" in said(*texts)
    resolution = resolve(texts, POLICY, learned=frozenset({learned, "reyes"}))
    assert ("the case" in reader.read(write(resolution, edition())).text()) == decides
    assert resolution.learned == Learned(said=(learned,), decided=(learned,) if decides else ())


def test_who_never_writes_a_capital_does_not_say_what_is_a_name() -> None:
    texts = [tokenize([f"{text} in any case" * 20]) for text in ("and then", "AND THEN")]
    assert names_among({"case": "case"}, texts) == {"case": "case"}
    assert names_among({"case": "case"}, [tokenize(["So it went, in any case. Then." * 20])]) == {}


def test_of_a_name_in_capitals_and_the_same_that_is_not_the_one_in_capitals_counts() -> None:
    texts = [transcript(600, "in any case then", uri="1"), transcript(500, "in any cake then", uri="2")]
    assert resolve(texts, POLICY, learned=frozenset({"case", "CASE"})).learned.said == ("CASE",)


def test_whom_a_label_shouts_is_no_acronym() -> None:
    spoken = transcript(600, Utterance("It will be so, said Will.", "1", speaker="WILL MAYER"))
    assert for_others(spoken) == {"mayer"}


def for_others(*sources: WeightedSource) -> set[str]:
    return {word for witness in resolve(sources, POLICY).witnesses for word in witness.terms}


def test_an_episode_has_names_for_others() -> None:
    spoken = transcript(600, Utterance("We have no names at all.", "1", speaker="Jane Reyes"))
    said = {
        ClaimField.TITLE: "Lanterns at Night, with Ada",
        ClaimField.PERSON: "Ada van Loon",
        ClaimField.KEYWORD: "kubernetes",
        ClaimField.EPISODE: "Twelve",
    }
    claims = [Claim(field, text, "line 1") for field, text in said.items()]
    paper = brief("They saw London. We call 2020 the year of the IBM machine.", *claims)
    assert for_others(spoken, paper) == {
        *("jane", "reyes", "lanterns", "night", "ada", "van", "loon", "kubernetes", "london", "IBM")
    }


def test_what_an_episode_writes_small_is_no_name_for_others() -> None:
    spoken = transcript(600, "So deep learning at night is what Ada does with cobol.")
    title = Claim(ClaimField.TITLE, "Deep Learning At Night With COBOL", "line 1")
    assert for_others(spoken, brief("nothing", title)) == {"COBOL"}
    assert for_others(brief("So deep learning at night. And Deep Learning.", title)) == {"COBOL"}


@pytest.mark.parametrize(
    ("title", "text", "names"),
    [
        ("Winter Nights", "we talk of winter nights", set[str]()),  # an engine that writes no capitals
        ("WINTER NIGHTS", "We talk of winter nights.", set[str]()),  # a title that shouts
        ("IBM and Winter", "we talk of winter", {"IBM"}),
    ],
)
def test_where_nothing_tells_names_from_words_few_are_taken(title: str, text: str, names: set[str]) -> None:
    paper = brief("nothing", Claim(ClaimField.TITLE, title, "line 1"))
    assert for_others(transcript(600, text), paper) == names


def test_nouns_with_capitals_are_no_names_for_others() -> None:
    spoken = weighted(600, source(utterances=["Das ist ein Anfang."], language="de"))
    paper = brief("Wir reden im Winter mit IBM.", Claim(ClaimField.PERSON, "Jana Winkler", "line 1"))
    assert for_others(spoken, paper) == {"IBM", "jana", "winkler"}


def test_however_many_names_papers_have_few_are_for_others() -> None:
    often = "so Zuse came, " * 3
    paper = brief(often + "and " + " ".join(f"Name{letters(n)}" for n in range(5000)) + " " + "X" * 9000)
    words = for_others(paper, transcript(500, "We talk."))
    assert len(words) == 500
    assert "zuse" in words


def letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


def test_no_word_stands_that_no_witness_has() -> None:
    made = said(
        transcript(600, "they wrote it in Kobol then", uri="1"),
        transcript(500, "they wrote it in cobalt then", uri="2"),
        brief("We talk about COBOL and its users."),
    )
    assert "COBOL" not in made


def test_a_number_is_no_name_of_a_speaker() -> None:
    spoken = transcript(
        300, Utterance("One.", "1", speaker="Speaker 1"), Utterance("Two.", "2", speaker="Ada")
    )
    assert vocabulary([Witness("s1", spoken)], POLICY) == {"ada"}


def test_what_everybody_writes_with_a_capital_is_no_name() -> None:
    papers = [Witness("s1", brief("The loom was built. Here Ada Lovelace saw it in London: The end."))]
    assert vocabulary(papers, POLICY) == {"ada", "lovelace", "london"}
