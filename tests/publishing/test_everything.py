"""What other programs are given of an episode."""

from dataclasses import replace

from episodic.canonical import weighting
from episodic.canonical.document import Reading, Variation
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Decision
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from episodic.publishing.everything import everything
from tests.canonical import making
from tests.canonical.storage import examples


def test_decisions_of_former_versions_tell_no_paths() -> None:
    policy = SeriesPolicy()
    weighed = weighting.weigh([making.source(utterances=["One.", "notes/1.txt"])], policy)
    document = reader.read(write(resolve(weighed, policy), making.edition()))
    episode = examples.episode()
    contents = (examples.content(), examples.content(b"BOB: Good evening."))
    revision = examples.revision(episode, examples.job(), contents=contents)
    copied = Variation(Reading("notes/1.txt", ("s1",), 620), (Reading("notes/2.txt", ("s2",), 620),))
    said = Variation(Reading("maybe", ("s1",), 620), (Reading("may be", ("s2",), 620),))
    decisions = [
        Decision("transcript", "witness s2", copied, "s2 copies s1"),
        Decision("transcript", "a", said, ""),
    ]
    sources = [replace(each, hints={}) for each in revision.sources]

    def told(*, paths: bool) -> list[str]:
        hints = {"paths": "yes"} if paths else {}
        kept = replace(
            revision,
            decisions=tuple(decisions),
            sources=tuple(replace(each, hints=hints) for each in sources),
        )
        found = everything(episode, kept, document, None).decisions
        return [reading.text for each in found for reading in (each.accepted, *each.others)]

    assert told(paths=False) == ["1.txt", "2.txt", "maybe", "may be"]
    assert told(paths=True) == ["notes/1.txt", "notes/2.txt", "maybe", "may be"]
