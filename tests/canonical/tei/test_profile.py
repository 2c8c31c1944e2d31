import copy
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from episodic.canonical import weighting
from episodic.canonical.document import CanonicalDocument, CanonicalUtterance
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.errors import DocumentError
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import Claim, ClaimField, Passage, PassageKind, Signals, SourceType, Utterance
from episodic.canonical.tei import profile, reader
from episodic.canonical.tei.elements import ID, Element, parse, serialize, uri
from episodic.canonical.tei.pointers import dangling
from episodic.canonical.tei.writer import write
from tests.canonical.making import edition, source
from tests.canonical.tei.test_writer import EVERYTHING, Faults, written

POLICY = SeriesPolicy()
ANYTHING = st.text(max_size=12) | st.sampled_from(
    ["", " ", "\x00", "a b", "]]>", "%zz[#x#y", "//", "-", "\u00ad", "a:b", "http://a:b", "//a?#"]
)


@st.composite
def resolutions(draw: st.DrawFn) -> Resolution:
    sources = [
        source(
            uri=draw(ANYTHING),
            source_type=draw(st.sampled_from(SourceType)),
            utterances=[
                Utterance(
                    draw(ANYTHING),
                    draw(ANYTHING),
                    draw(st.none() | ANYTHING),
                    draw(st.none() | st.floats(0, 1e6)),
                )
                for _ in range(draw(st.integers(0, 2)))
            ],
            passages=[
                Passage(draw(st.sampled_from(PassageKind)), draw(ANYTHING), "line 1", draw(st.integers(0, 6)))
                for _ in range(draw(st.integers(0, 4)))
            ],
            claims=[
                Claim(field, draw(ANYTHING), "line 1", draw(st.none() | ANYTHING))
                for field in draw(st.lists(st.sampled_from(ClaimField), max_size=8))
            ],
            dated=draw(st.none() | st.datetimes(min_value=datetime(1, 1, 2), timezones=st.just(UTC))),  # noqa: DTZ001 # hypothesis adds the zone
            language=draw(st.none() | ANYTHING),
            signals=Signals(notes=(draw(ANYTHING),)),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    return resolve(weighting.weigh(sources, POLICY), POLICY)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(resolutions(), st.none() | ANYTHING)
def test_whatever_the_sources_hold_the_document_keeps_the_profile_and_is_tei(
    tei_all: Faults, resolution: Resolution, title: str | None
) -> None:
    assert tei_all(write(resolution, edition(title))) == []


def damaged(document: Element, chance: random.Random) -> Element:
    """Remove, repeat, move or rename something."""
    broken = copy.deepcopy(document)
    elements = list(broken.iter("{*}*"))
    victim = chance.choice(elements[1:])
    parent = victim.getparent()
    assert parent is not None
    match chance.randrange(5):
        case 0:
            parent.remove(victim)
        case 1:
            again = copy.deepcopy(victim)
            for element in again.iter("{*}*"):
                element.attrib.pop(ID, None)
            parent.append(again)
        case 2:
            chance.choice(elements).append(copy.deepcopy(victim))
        case 3:
            victim.tag = chance.choice(elements).tag
        case _:
            name, value = chance.choice([(k, v) for e in elements for k, v in e.attrib.items()])
            victim.set(name, value if chance.random() < 0.5 else chance.choice(["", "a b", "#", "1", "x"]))
    return broken


def test_what_the_checks_accept_tei_accepts(tei_all: Callable[[bytes], list[str]]) -> None:
    chance = random.Random(395)
    original = parse(written(*EVERYTHING))
    accepted = refused = 0
    for _ in range(1500):
        broken = damaged(original, chance)
        ids = [element.get(ID) for element in broken.iter("{*}*") if element.get(ID)]
        # No schema counts ids, and no parser takes one twice; what points is the pointer check's.
        if profile.faults(broken) or len(set(ids)) < len(ids) or dangling(broken):
            refused += 1
            continue
        accepted += 1
        assert tei_all(serialize(broken)) == []
    assert accepted > 50
    assert refused > 500


def test_the_writer_refuses_what_breaks_the_profile() -> None:
    document = CanonicalDocument(None, "s1", None, (), (), (CanonicalUtterance(("One.",), "no such"),), ())
    resolution = resolve(weighting.weigh([source(utterances=["One."])], POLICY), POLICY)
    with pytest.raises(DocumentError, match="first-light"):
        write(Resolution(resolution.witnesses, document, ()), edition())


def test_the_writer_refuses_a_pointer_to_nothing() -> None:
    document = CanonicalDocument(None, "s1", None, (), (), (CanonicalUtterance(("One.",), "s9"),), ())
    resolution = resolve(weighting.weigh([source(utterances=["One."])], POLICY), POLICY)
    with pytest.raises(DocumentError, match='u/@source="#s9" points to nothing'):
        write(Resolution(resolution.witnesses, document, ()), edition())


def test_an_id_given_twice_is_an_error() -> None:
    document = written(*EVERYTHING).replace(b'xml:id="s2"', b'xml:id="s1"')
    with pytest.raises(DocumentError, match="s1 already defined"):
        reader.read(document)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("https://example.org:8080/a b?c=d#e", "https://example.org:8080/a%20b?c=d#e"),
        ("https://user:pw@example.org/", "https://user:pw@example.org/"),
        ("urn:isbn:1", "urn:isbn:1"),
        ("notes/ä.md", "notes/%C3%A4.md"),
        ("/tmp/50%.vtt", "/tmp/50%25.vtt"),
        ("12:30.vtt", "12%3A30.vtt"),
        ("http://a:b", "http%3A%2F%2Fa%3Ab"),
        ("#s1", "%23s1"),
    ],
)
def test_uris_are_escaped_as_little_as_possible(given: str, made: str) -> None:
    assert uri(given) == made


def test_a_schema_for_which_no_memory_is_left_is_a_want_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, _: Element) -> None:
            raise etree.RelaxNGParseError("Document is not parsable as Relax NG")

    monkeypatch.setattr(etree, "RelaxNG", Full)
    profile.schema.cache_clear()
    try:
        with pytest.raises(MemoryError):
            profile.faults(etree.Element("TEI"))
    finally:
        profile.schema.cache_clear()
