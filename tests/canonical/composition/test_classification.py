"""What looks like notes and is a transcript: decided with the other sources in view."""

from dataclasses import replace

from episodic.canonical.composition.classification import classify
from episodic.canonical.ports import Store
from episodic.canonical.sources import (
    Content,
    Doubt,
    DoubtKind,
    NormalizedSource,
    Passage,
    PassageKind,
    Signals,
    SourceType,
    Utterance,
)
from tests.canonical.ingesting import request, service
from tests.canonical.ingesting import source as raw_source

SAID = (
    "Good evening and welcome to the tower, where we climb one hundred and ninety six steps tonight.",
    "Mind the last of them, for it is shorter than the rest and many have fallen over it.",
    "How far could a sailor see the lamp before there was a lens in front of it?",
    "Eight miles on a clear night, perhaps, and next to nothing in the fog that we have here.",
)
ABOUT = (
    "The lamp was lit in 1823 and its lens came from Paris by ship, packed in straw and sawdust.",
    "Augustin Fresnel never saw the tower; the keeper's log says that he wrote two letters about it.",
)


def source(uri: str, *, said: tuple[str, ...] = (), written: tuple[str, ...] = ()) -> NormalizedSource:
    return NormalizedSource(
        uri,
        SourceType.TRANSCRIPT if said else SourceType.RESEARCH_NOTES,
        Content("0" * 64, 1, b""),
        "plain-text",
        utterances=tuple(Utterance(text, f"cue {number}") for number, text in enumerate(said, 1)),
        passages=tuple(
            Passage(PassageKind.PARAGRAPH, text, f"line {number}") for number, text in enumerate(written, 1)
        ),
    )


TALK = source("talk.vtt", said=SAID)


def test_a_text_that_shares_most_of_its_words_with_a_transcript_is_one() -> None:
    text = source("talk.txt", written=tuple(said.replace("sailor", "saylor").upper() for said in SAID))
    talk, read = classify([TALK, text], [True, True])
    assert talk is TALK
    assert read.source_type is SourceType.TRANSCRIPT
    assert [said.text for said in read.utterances] == [passage.text for passage in text.passages]
    assert not read.passages
    (doubt,) = read.signals.doubts
    assert doubt.kind is DoubtKind.GUESSED
    assert "talk.vtt" in doubt.text
    assert "--source research_notes=talk.txt" in doubt.text


def test_notes_that_look_like_speech_are_doubted() -> None:
    notes = source("notes.txt", written=ABOUT)
    notes = replace(notes, signals=Signals(like_speech="9 of 10 lines begin with a time"))
    (doubted,) = classify([notes], [True])
    assert doubted.signals.doubts == (
        Doubt.guessed(
            "taken for research_notes, though 9 of 10 lines begin with a time; "
            "--source transcript=notes.txt reads it as a transcript"
        ),
    )
    assert classify([notes], [False]) == (notes,)


def test_a_transcript_of_the_same_words_is_not_doubted_to_be_notes() -> None:
    text = replace(source("talk.txt", written=SAID), signals=Signals(like_speech="all of it"))
    assert [doubt.text[:22] for doubt in classify([TALK, text], [True, True])[1].signals.doubts] == [
        "read as a transcript, "
    ]


def test_what_the_user_said_stands() -> None:
    text = source("talk.txt", written=SAID)
    assert classify([TALK, text], [True, False]) == (TALK, text)


def test_notes_about_the_same_thing_stay_notes_also_with_a_quotation() -> None:
    notes = source("notes.md", written=(*ABOUT, f"He says: “{SAID[3]}”", *ABOUT[::-1]))
    assert classify([TALK, notes], [True, True]) == (TALK, notes)


def test_the_same_words_in_another_order_are_no_transcript() -> None:
    mixed = tuple(" ".join(sorted(said.split())) for said in SAID)
    notes = source("words.txt", written=mixed)
    assert classify([TALK, notes], [True, True]) == (TALK, notes)


def test_a_line_is_too_little_to_tell() -> None:
    line = source("line.txt", written=("Good evening and welcome to the tower",))
    assert classify([TALK, line], [True, True]) == (TALK, line)


def test_without_a_transcript_nothing_changes() -> None:
    notes = source("a.md", written=SAID)
    other = replace(notes, uri="b.md")
    assert classify([notes, other], [True, True]) == (notes, other)


async def test_an_ingest_takes_the_text_beside_its_captions_for_a_transcript(store: Store) -> None:
    cues = "".join(
        f"00:00:{number:02}.000 --> 00:00:{number + 1:02}.000\n{said}\n\n" for number, said in enumerate(SAID)
    )
    sources = raw_source("talk.vtt", f"WEBVTT\n\n{cues}"), raw_source("talk.txt", " ".join(SAID))
    outcome = await service(store).ingest_multi_source(request(*sources))
    assert {kept.uri: kept.source_type for kept in outcome.revision.sources} == {
        "talk.vtt": SourceType.TRANSCRIPT,
        "talk.txt": SourceType.TRANSCRIPT,
    }
