"""Conflicts as `decisions` lists them: in their sentence, of a kind, a speaker, a time."""

import json

import pytest

from episodic.canonical.sources import Utterance
from episodic.canonical.tei import reader
from episodic.cli.context import contexts
from tests.canonical.making import transcript
from tests.cli.pages import revision_of
from tests.cli.program import Run
from tests.cli.sample import SAMPLE

EPISODE = "s/one"


@pytest.fixture(autouse=True)
def ingested(run: Run) -> None:
    assert run("ingest", str(SAMPLE), "--series", "s", "--episode", "one", "--item", "first-light").code == 0


def test_a_conflict_is_shown_in_its_sentence_with_who_says_it(run: Run) -> None:
    out = run("decisions", EPISODE).out
    assert (
        "  Maya Okafor: I'm Maya Okafor, and tonight we climb [a hundred and ninety-six|196] steps to talk"
        in out
    )


def test_a_sentence_ends_where_it_ends_and_with_its_speaker() -> None:
    told = [("Ada", "Good evening. Do you know whether it works?"), ("Bab", "Yes. It does.")]
    heard = ["Good evening. Do you know weather it works?", "Yes. It did."]
    revision = revision_of(
        transcript(
            600, *(Utterance(t, f"cue {n}", s, 5.0 * n, 5.0 * n + 5) for n, (s, t) in enumerate(told))
        ),
        transcript(500, *(Utterance(t, f"cue {n}", None, 5.0 * n) for n, t in enumerate(heard)), uri="b.vtt"),
    )
    found = contexts(reader.read(revision.tei).canonical)
    around = [
        found[d.address].around((d.variation.lemma, *d.variation.others))
        for d in revision.decisions
        if d.address in found
    ]
    assert around == ["Ada: Do you know [whether|weather] it works?", "Bab: It [does.|did.]"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("a state-of-the-art R&D lab, " * 8, " half-way up - or so" * 8, " words 5"),
        ("我們昨天晚上在燈塔裏" * 4, "到了海邊的舊屋子裏面" * 4, "頂"),
    ],
)
def test_around_a_conflict_stand_sixteen_words_a_side(before: str, after: str, said: str) -> None:
    told = [f"{before}one{said}{after}", f"{before}two{said}{after}"]
    revision = revision_of(*(transcript(600 - n, text, uri=f"{n}.txt") for n, text in enumerate(told)))
    (context,) = contexts(reader.read(revision.tei).canonical).values()
    for side, whole in ((context.before, before), (context.after, f"{said}{after}")):
        assert (len(side.split()) if " " in whole else len(side) // 2) == 16
        assert side in whole


def test_only_what_a_speaker_says_is_listed(run: Run) -> None:
    every = json.loads(run("decisions", EPISODE, "--json").out)
    own = json.loads(run("decisions", EPISODE, "--json", "--speaker", "tomas lindqvist").out)
    assert 0 < len(own) < len(every)
    assert {each["context"]["speaker"] for each in own} == {"Tomas Lindqvist"}
    done = run("decisions", EPISODE, "--speaker", "Nobody")
    assert (done.code, "there is Maya Okafor, Tomas Lindqvist" in done.err) == (1, True)


def test_only_what_is_new_since_a_revision_or_a_date_is_listed(run: Run) -> None:
    assert run("decide", EPISODE, "title", "--text", "Another", "--by", "Dee").code == 0
    assert [d["address"] for d in json.loads(run("decisions", EPISODE, "--json", "--since", "1").out)] == [
        "title"
    ]
    assert json.loads(run("decisions", EPISODE, "--json", "--since", "2").out) == []
    assert len(json.loads(run("decisions", EPISODE, "--json", "--since", "2001-01-01").out)) > 20
    assert json.loads(run("decisions", EPISODE, "--json", "--since", "2999-01-01").out) == []
    for since, says in (("soon", "is neither a date nor a revision"), ("9", "no revision 's/one 9'")):
        done = run("decisions", EPISODE, "--since", since)
        assert done.code in {1, 2}
        assert says in done.err
