"""Which witness is followed where: the canonical words, cell by cell.

1. In each **region** the reading with the greatest score is followed (`contest`), of equals the one that
   more witnesses have, then the heavier, then the first. Where a witness has words that a person seems to
   have edited, it is followed: people leave out more than they get wrong, and engines err alike. That it was
   edited is a guess: if several others agree against it in many of its words, it has its vote and no more.
2. **Holes**: whether a passage stands that some lack is decided as a whole. A witness whose clock has room
   for it has missed it and has no vote, nor has a fragment of the whole; one without room left it out, and a
   short passage that one hears in a pause of several others is made up. What a witness has in another place
   than the others does not stand there (`displaced`).
3. A **trusted** witness is followed wherever it speaks, but not where its clock has room for what it lacks;
   so is one that outweighs several others together.
4. **Spelling**: of those who say what was chosen, who writes it best (`spelling`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.resolution.transcripts.constants import SEVERAL, TWO, Constants, scorer
from episodic.canonical.resolution.transcripts.contest import Contest, Heard, winner
from episodic.canonical.resolution.transcripts.displaced import Displaced
from episodic.canonical.resolution.transcripts.evidence import Evidence
from episodic.canonical.resolution.transcripts.regions import Region
from episodic.canonical.resolution.transcripts.spelling import spell
from episodic.canonical.resolution.transcripts.table import overlaid

# A witness has missed a passage for which its clock has at least such a share of the time that others take.
_ROOM: Final = 0.5
# What one hears in a pause of several others is made up, when it is shorter than so many words.
_LONE: Final = 60
# One that lacks more than half is a fragment, such as a single track, when it is in more places than so many.
_CUTS: Final = 2
# Several who agree contradict who edits a text in at most such a share of its words: on calls of Earnings-21
# in up to 7 % where 3 % of the words are wrong, 9 % where 6 % are; from there on the vote has fewer wrong
# words.
_BELIED: Final = 0.09


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom the text follows in each cell, and how far each witness is trusted."""

    leaders: Sequence[int]
    evidence: Evidence


def choose(
    heard: Heard, room: Callable[[int, int, int], float | None], constants: Constants | None = None
) -> Choice:
    """Choose whom to follow.

    Parameters
    ----------
    room
        Tells for a witness and a range of columns what share its clock has of the time that the others take.
    constants
        Of the score; ``None``: those of the table.
    """
    if len(heard.tokens) == 1:
        return Choice([0] * (len(heard.layout.bounds) - 1), Evidence((0,), ((0, 0),), 0))
    contest = Contest(heard)
    heard = replace(heard, edited=_believed(heard, contest.found))
    if constants is None:
        constants = SEVERAL if contest.several else TWO
    followed = [contest.first] * contest.width
    for at, voice in contest.heard_first.items():
        followed[at] = voice if voice >= 0 else _any(heard, at)
    if contest.disputed:
        features = contest.features()
        vectors = list(map(features.of, contest.found))
        contest.compare(features, vectors, constants)
        score = scorer(constants)
        hands = [v for v, is_edited in enumerate(heard.edited) if is_edited and heard.voters[v]]
        for region, own in zip(contest.found, vectors, strict=True):
            voice = _hand(heard, hands, region)
            if voice is None:
                voice = winner(region, own, score, contest.evidence.weights)
            followed[region.start : region.end] = [voice] * (region.end - region.start)
    for start, end, silent in _passages(heard, contest, room):
        followed[start:end] = [silent] * (end - start)
    for each in heard.displaced:
        followed[each.start : each.end] = [each.silent[0]] * (each.end - each.start)
    leaders = spell(heard, contest, followed)
    for trusted in _trusted(heard):
        missed = [
            heard.layout.columns(*hole)
            for hole in heard.table.holes[trusted]
            if (share := room(trusted, *hole)) is not None and share >= _ROOM
        ]
        start, end = heard.layout.columns(*heard.table.reach[trusted])
        leaders = [
            trusted if start <= bound < end and not any(a <= bound < b for a, b in missed) else leader
            for bound, leader in zip(heard.layout.bounds, leaders, strict=False)
        ]
    return Choice(leaders, contest.evidence)


def _trusted(heard: Heard) -> Sequence[int]:
    """Find the witnesses that are not put to the vote, the last over the others.

    They are those that the editor trusts; without any, one that outweighs several others together.
    """
    if any(heard.trusted):
        trusted = [voice for voice, is_trusted in enumerate(heard.trusted) if is_trusted]
        return sorted(trusted, key=lambda voice: (heard.priors[voice], -voice))
    weights = [prior for prior, votes in zip(heard.priors, heard.voters, strict=True) if votes]
    heaviest = max(weights, default=0)
    if len(weights) < 3 or 2 * heaviest <= sum(weights):
        return ()
    return [voice for voice, prior in enumerate(heard.priors) if heard.voters[voice] and prior == heaviest][
        :1
    ]


def _believed(heard: Heard, regions: Sequence[Region]) -> list[bool]:
    """Say of each witness whether a person seems to have edited it, and the others do not belie that."""
    return [
        is_edited and _contradicted(heard, regions, voice) <= _BELIED * len(heard.streams[voice])
        for voice, is_edited in enumerate(heard.edited)
    ]


def _contradicted(heard: Heard, regions: Sequence[Region], voice: int) -> int:
    """Count the words of a witness where it stands alone against several that say the same."""
    own = heard.table.words[voice]
    return sum(
        sum(word >= 0 for word in own[region.start : region.end])
        for region in regions
        if (voice,) in region.readings and max(map(len, region.readings)) > 1
    )


def _hand(heard: Heard, hands: Sequence[int], region: Region) -> int | None:
    """Find, of those that a person seems to have edited, the heaviest that has a word there."""
    words = heard.table.words
    speaking = [voice for voice in hands if max(words[voice][region.start : region.end]) >= 0]
    return max(speaking, key=lambda voice: (heard.priors[voice], -voice), default=None)


def _any(heard: Heard, column: int) -> int:
    """Find somebody who has a word that no voter has."""
    return next((v for v, words in enumerate(heard.table.words) if words[column] >= 0), 0)


def _passages(
    heard: Heard, contest: Contest, room: Callable[[int, int, int], float | None]
) -> Iterator[tuple[int, int, int]]:
    """Yield the passages that do not stand, with one who left it out."""
    table = heard.table
    holes = (
        (start, end, voice)
        for voice, own in enumerate(table.holes)
        for start, end in own
        if heard.voters[voice]
    )
    fragments = {
        voice
        for voice, (own, (first, after)) in enumerate(zip(table.holes, table.reach, strict=True))
        if len(own) > _CUTS and 2 * sum(end - start for start, end in own) > after - first
    }
    for start, end, here in overlaid(holes):
        silent = sorted({voice for _, _, voice in here})
        weights = _trust(contest, heard)
        speaking = [
            voice for voice, row in enumerate(contest.rows) if any(word >= 0 for word in row[start:end])
        ]
        elsewhere = {v for v in silent if v in fragments or _has_elsewhere(heard.displaced, v, start, end)}
        heard_by_one = len(speaking) == 1 and len(silent) - len(elsewhere) > 1 and end - start < _LONE
        missed = elsewhere | {
            voice
            for first, after, voice in here
            if not heard_by_one and (share := room(voice, first, after)) is not None and share >= _ROOM
        }
        against = [voice for voice in silent if voice not in missed]
        if sum(weights[v] for v in against) > sum(weights[v] for v in speaking):
            yield start, end, against[0]


def _has_elsewhere(displaced: Sequence[Displaced], voice: int, start: int, end: int) -> bool:
    """Whether a witness has some columns in another place."""
    return any(voice in each.voices and each.home[0] < end and start < each.home[1] for each in displaced)


def _trust(contest: Contest, heard: Heard) -> Sequence[int]:
    """Weights for the question whether a passage stands: of two witnesses those beforehand."""
    return contest.evidence.weights if contest.several else heard.priors
