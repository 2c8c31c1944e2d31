"""What the documents look like to others: the form of cues, of weights, and its size."""

from pathlib import Path

import pytest

from episodic.canonical import weighting
from episodic.canonical.document import Authority, PassageVariation
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Utterance, WeightedSource
from episodic.canonical.tei import profile, reader, writer
from episodic.canonical.tei.checking import read_to_check
from episodic.canonical.tei.elements import ID, NAMESPACE, TEI, Element, parse
from episodic.canonical.tei.pointers import dangling
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import tokenize
from tests.canonical.making import edition, read, transcript
from tests.canonical.tei.test_writer import EVERYTHING, LIVE, WEBVTT, Faults, written

POLICY = SeriesPolicy()
FORMER = Path(__file__).parents[2] / "data" / "tei"


def cues(*sources: WeightedSource) -> list[list[tuple[str, str | None, float | None, float | None]]]:
    """Write transcripts and read the cues of each back."""
    resolution = resolve(sources, POLICY)
    document = reader.read(write(resolution, edition()))
    sigla = {id(w.weighted): w.siglum for w in resolution.witnesses}
    return [
        [(s.text, s.where, s.start, s.end) for s in document.utterances(sigla[id(source)])]
        for source in sources
    ]


def spoken(*cues: tuple[str, float | None, float | None]) -> list[Utterance]:
    return [Utterance(text, f"cue {n}", None, start, end) for n, (text, start, end) in enumerate(cues, 1)]


@pytest.mark.parametrize(
    "told",
    [
        [("One two.", 0, 1), ("Three four.", 1, 2)],
        [("One two.", 0, 0.5), ("Three four.", 1, 1.5)],
        [("One two.", 0, None), ("Three four.", 1, None)],
        [("One two.", None, None), ("Three four.", None, None)],
        [("One two.", 0, None), ("Three four.", None, 2)],
        [("One two.", 0, 3), ("Three four.", 1, 2)],
        [("", 0, 1), ("One two.", 1, 2), ("", 2, None), ("Three four.", 3, 4), ("", 4, 5)],
        [("", 0, 1), ("", 0, 1), ("One two three four.", 1, 1)],
        [("One", 0, 1), ("two. Three", 1, 2), ("four.", 3, 4)],
        [("One two. Three four.", 0, 4)],
    ],
)
def test_the_cues_of_every_witness_are_read_back_whatever_times_they_have(
    told: list[tuple[str, float | None, float | None]],
) -> None:
    others = spoken(("One too.", 10, 11), ("Three", 11, 12), ("or four.", 13, 14))
    for weight in (500, 700):
        first, second = cues(transcript(weight, *spoken(*told), uri="a"), transcript(600, *others, uri="b"))
        assert first == [(text, f"cue {n}", *times) for n, (text, *times) in enumerate(told, 1)]
        assert second == [(u.text, u.where, u.start, u.end) for u in others]


def test_a_cue_of_the_base_is_its_utterance_and_the_others_begin_at_an_anchor() -> None:
    base = transcript(700, *spoken(("One two.", 0, 1), ("Three four.", 1, 2)), uri="a.vtt")
    other = transcript(600, *spoken(("One two. Three", 5, 6), ("four.", 7, 8)), uri="b.vtt")
    root = parse(write(resolve([base, other], POLICY), edition()))
    assert [(u.get("n"), u.get("start"), u.get("source")) for u in root.iter(f"{TEI}u")] == [
        ("cue 1", "#t0", None),
        ("cue 2", "#t1000", None),
    ]
    anchors = [dict(anchor.attrib) for anchor in root.iter(f"{TEI}anchor")]
    assert [anchor for anchor in anchors if anchor["synch"].startswith("#s2")] == [
        {"n": "cue 1", "synch": "#s2.t5000"},
        {"synch": "#s2.t6000"},
        {"n": "cue 2", "synch": "#s2.t7000"},
        {"synch": "#s2.t8000"},
    ]
    assert [timeline.get("source") for timeline in root.iter(f"{TEI}timeline")] == ["#s1", "#s2"]


def test_nothing_points_into_the_words_of_a_header_and_no_weight_is_a_number_of_a_reading() -> None:
    document = written(*EVERYTHING)
    assert b"string-range" not in document
    readings = [e for e in parse(document).iter(f"{TEI}lem", f"{TEI}rdg") if e.get("wit")]
    assert len(readings) > 4
    assert all(e.get("n") is None and 0 < float(e.get("cert", "1")) <= 1 for e in readings)


def test_whatever_begins_as_a_pointer_points_to_something(corpus: Path) -> None:
    sources = read(*(corpus / "talk-python" / f"395-readme-tools.{ending}" for ending in ("vtt", "txt")))
    conversation = write(resolve(weighting.weigh(sources, POLICY), POLICY), edition())
    for document in (conversation, written(*EVERYTHING), *(path.read_bytes() for path in FORMER.iterdir())):
        root = parse(document)
        known = {f"#{element.get(ID)}" for element in root.iter("*")}
        pointers = [
            pointer
            for element in root.iter("*")
            for name, value in element.items()
            if name != "n"
            for pointer in value.split()
            if pointer.startswith("#") and not pointer.startswith("#string-range(")
        ]
        assert len(pointers) > 20
        assert known.issuperset(pointers)


def test_the_path_that_the_users_guide_gives_finds_the_words_of_a_witness() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "users-guide.md").read_text()
    path = guide.partition("```xpath")[2].partition("```")[0].replace("#s3", "#s2")
    document = written(WEBVTT, LIVE)
    found = parse(document).xpath(path, namespaces={"t": NAMESPACE})
    assert "".join(found) == reader.read(document).text("s2") != reader.read(document).text("s1")


def test_a_document_is_at_most_four_times_the_text_of_all_witnesses(corpus: Path) -> None:
    names = ("395-readme-tools.vtt", "395-readme-tools.txt", "395-readme-tools.youtube.vtt")
    sources = read(*(corpus / "talk-python" / name for name in names))
    for some in (sources[:1], sources[:2], sources):
        document = write(resolve(weighting.weigh(some, POLICY), POLICY), edition())
        text = sum(len(u.text.encode()) for source in some for u in source.utterances)
        assert len(document) <= 4 * text


def test_a_document_is_the_same_in_however_small_pieces_it_is_checked(
    monkeypatch: pytest.MonkeyPatch, tei_all: Faults
) -> None:
    whole = written(*EVERYTHING)
    monkeypatch.setattr(writer, "_PIECE", 1)
    assert written(*EVERYTHING) == whole
    assert tei_all(whole) == []


def test_no_tree_of_the_whole_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def faults(element: Element) -> list[str]:
        sizes.append(len(list(element.iter())))
        return profile.faults(element)

    monkeypatch.setattr(writer, "_PIECE", 1000)
    monkeypatch.setattr(writer, "faults", faults)
    said = spoken(*((f"word{n}", n, n + 1) for n in range(1000)))
    document = write(resolve([transcript(600, *said)], POLICY), edition())
    assert len(list(parse(document).iter())) > 2000
    assert len(sizes) > 50
    assert max(sizes) < 100


def test_a_document_of_the_former_form_is_read_as_ever(tei_all: Faults) -> None:
    former = (FORMER / "of-0.2.0-with-ranges.xml").read_bytes()
    document = reader.read(former)
    assert tei_all(former) == []
    assert dangling(document.root) == []
    by_uri = {witness.uri: witness.siglum for witness in document.witnesses}
    assert list(document.transcripts) == sorted(by_uri[each.uri] for each in (WEBVTT, LIVE))
    for source in (WEBVTT, LIVE):
        siglum = by_uri[source.uri]
        assert document.text(siglum) == tokenize(u.text for u in source.utterances).text
        assert [(s.text, s.speaker, s.start, s.end, s.where) for s in document.utterances(siglum)] == [
            (u.text, u.speaker, u.start, u.end, u.where) for u in source.utterances
        ]
    now = reader.read(written(*EVERYTHING))
    assert document.canonical.base == now.canonical.base
    assert document.utterances() == now.utterances()
    assert list(document.prose()) == list(now.prose())


def test_of_a_document_of_the_former_form_it_is_known_who_decided_what() -> None:
    document = reader.read((FORMER / "of-0.2.0-edited.xml").read_bytes())
    decided = [
        (variation.lemma.text, variation.lemma.weight, variation.verdict and variation.verdict.by)
        for utterance in document.canonical.transcript
        if not isinstance(utterance, PassageVariation)
        for variation in utterance.text
        if not isinstance(variation, str)
        and variation.verdict
        and variation.verdict.authority is Authority.DECISION
    ]
    assert decided == [("keeps ", 600, "Ada"), ("", 700, "Bab")]


@pytest.mark.parametrize("name", ["of-0.2.0-with-ranges.xml", "of-0.2.0-edited.xml"])
def test_a_document_of_the_former_form_does_not_break_a_profile_that_it_never_had(name: str) -> None:
    assert not read_to_check((FORMER / name).read_bytes()).is_ours
