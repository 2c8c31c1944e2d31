"""Which witness is followed where: the canonical words, cell by cell.

1. In each **region** the reading with the greatest score is followed (`contest`), of equals the one that
   more witnesses have, then the heavier, then the first. Where a witness has words that a person seems to
   have edited, between two words on which all agree, it is followed: people leave out more than they get
   wrong, and engines err alike. What it lacks others fill in who mostly agree, but for words that it leaves
   out again and again ("just", "so"). That it was edited is a guess: if most of the others contradict it far
   more often than they do each other, it has its vote and no more.
2. **Holes**: whether a passage stands that some lack is decided as a whole. A witness whose clock has room
   for it has missed it and has no vote, nor has a fragment of the whole; one without room left it out, and a
   short passage that one hears in a pause of several others is made up. What a witness has in another place
   than the others does not stand there (`displaced`).
   What one has that a person seems to have edited stands, and what engines have instead of it does not.
3. A **trusted** witness is followed wherever it speaks, but not where its clock has room for what it lacks;
   so is one that outweighs several others together.
4. **Spelling**: of those who say what was chosen, who writes it best (`spelling`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress, takewhile
from typing import Final

from episodic.canonical.resolution.transcripts.constants import SEVERAL, TWO, Constants, scorer
from episodic.canonical.resolution.transcripts.contest import Contest, Heard, winner
from episodic.canonical.resolution.transcripts.displaced import Displaced
from episodic.canonical.resolution.transcripts.evidence import UNHEARD, Evidence, Pattern, contradictions
from episodic.canonical.resolution.transcripts.regions import Region
from episodic.canonical.resolution.transcripts.spelling import spell
from episodic.canonical.resolution.transcripts.table import overlaid

# A witness has missed a passage for which its clock has at least such a share of the time that others take.
_ROOM: Final = 0.5
# What one hears in a pause of several others is made up, when it is shorter than so many words.
_LONE: Final = 60
# One that lacks more than half is a fragment, such as a single track, when it is in more places than so many.
_CUTS: Final = 2
# Who edits a text is contradicted in at most such a share of its words, or so many times as often as the
# others are in the mean: on calls of Earnings-21 beside two, three and six engines 0.5 to 1.8 times where up
# to 3 % of the words are wrong, 1.4 to 2.5 where 6 % are, 1.9 to 3.9 where 10 % are. From there on the vote
# has fewer wrong words than such a text; before, it may have more.
_BELIED: Final = 0.07
# What a person leaves out so often, and in so large a share of the times it is said, is left out on purpose.
_AGAIN: Final = 3
_PURPOSE: Final = 0.3
_TIMES: Final = 2.5


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom the text follows in each cell, how far each is trusted, and which names of others decided."""

    leaders: Sequence[int]
    evidence: Evidence
    learned: frozenset[str] = frozenset()


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
    heard = replace(heard, edited=_believed(heard, contest.patterns))
    if constants is None:
        constants = SEVERAL if contest.several else TWO
    learned: set[str] = set()
    followed = [contest.first] * contest.width
    for at, voice in contest.heard_first.items():
        followed[at] = voice if voice >= 0 else _any(heard, at)
    if contest.disputed:
        features = contest.features()
        vectors = list(map(features.of, contest.found))
        contest.compare(features, vectors, constants)
        score = scorer(constants)
        by_hand = _by_hand(heard, contest)
        for region, own in zip(contest.found, vectors, strict=True):
            voice = by_hand.get(region)
            if voice is None:
                voice = winner(region, own, score, contest.evidence.weights)
                learned.update(contest.deciding(region, own, score, voice))
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
    return Choice(leaders, contest.evidence, frozenset(learned))


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


def _believed(heard: Heard, patterns: Mapping[Pattern, int]) -> list[bool]:
    """Say of each witness whether a person seems to have edited it, and the others do not belie that."""
    if not any(heard.edited):
        return [False] * len(heard.edited)
    counts = contradictions(patterns, len(heard.edited))
    shares = [count / (len(own) or 1) for count, own in zip(counts, heard.table.streams, strict=True)]
    voting = [not hand and votes for hand, votes in zip(heard.edited, heard.voters, strict=True)]
    usual = sum(compress(shares, voting)) / (sum(voting) or 1)
    most = max(_BELIED, _TIMES * usual)
    return [hand and share <= most for hand, share in zip(heard.edited, shares, strict=True)]


def _by_hand(heard: Heard, contest: Contest) -> Mapping[Region, int]:
    """Say of regions whom to follow of those that a person seems to have edited.

    Between two columns that are agreed it is the heaviest that has a word; where none has one, nobody speaks
    if the others do not agree on most of what they say, or if that is left out on purpose.
    """
    hands = _hands(heard)
    made: dict[Region, int] = {}
    filled: list[tuple[Sequence[Region], set[int]]] = []
    others = [row for voice, row in enumerate(contest.rows) if voice not in hands]
    for run in _touching(contest.found) if hands else ():
        columns = range(run[0].start, run[-1].end)
        speaking = [v for v in hands if any(heard.table.words[v][at] >= 0 for at in columns)]
        agreed = sum(len({row[at] for row in others} - {UNHEARD}) == 1 for at in columns)
        if not speaking and 2 * agreed >= len(columns):
            filled.append((run, {row[at] for row in others for at in columns if row[at] >= 0}))
            continue
        made |= _followed(contest, run, speaking or hands)
    lacked = Counter(word for _, words in filled for word in words)
    said = Counter(heard.table.words[hands[0]]) if lacked else Counter[int]()
    on_purpose = {word for word, n in lacked.items() if n >= _AGAIN and n >= _PURPOSE * (n + said[word])}
    for run, words in filled:
        if words <= on_purpose:
            made |= _followed(contest, run, hands)
    return made


def _followed(contest: Contest, run: Sequence[Region], voices: Sequence[int]) -> dict[Region, int]:
    """Give for each of some regions the first of the witnesses that is heard there."""
    heard = ((region, [v for v in voices if contest.rows[v][region.start] != UNHEARD]) for region in run)
    return {region: own[0] for region, own in heard if own}


def _hands(heard: Heard) -> Sequence[int]:
    """Find whom a person seems to have edited, the heaviest first."""
    hands = [v for v, is_edited in enumerate(heard.edited) if is_edited and heard.voters[v]]
    return sorted(hands, key=lambda voice: (-heard.priors[voice], voice))


def _touching(found: Sequence[Region]) -> Iterator[Sequence[Region]]:
    """Yield the regions in groups between columns that are agreed."""
    start = 0
    for at, region in enumerate(found, 1):
        if at == len(found) or found[at].start > region.end:
            yield found[start:at]
            start = at


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
    hands = _hands(heard)
    for start, end, here in overlaid(holes):
        silent = sorted({voice for _, _, voice in here})
        weights = _trust(contest, heard)
        speaking = [voice for voice, row in enumerate(contest.rows) if max(row[start:end]) >= 0]
        if any(voice in hands for voice in speaking):
            continue
        if otherwise := [v for v in hands if _says_otherwise(heard, v, speaking, range(start, end))]:
            yield start, end, otherwise[0]
            continue
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


def _says_otherwise(heard: Heard, voice: int, speaking: Sequence[int], hole: range) -> bool:
    """Whether a witness has other words beside a hole, at least half as many: it has missed nothing."""
    own, *others = (heard.table.words[each] for each in (voice, *speaking))

    def differ(column: int) -> bool:
        return any(row[column] != own[column] for row in others)

    beside = chain(
        takewhile(differ, range(hole.start - 1, -1, -1)), takewhile(differ, range(hole.stop, len(own)))
    )
    return 2 * sum(own[column] >= 0 for column in beside) >= len(hole)


def _has_elsewhere(displaced: Sequence[Displaced], voice: int, start: int, end: int) -> bool:
    """Whether a witness has some columns in another place."""
    return any(voice in each.voices and each.home[0] < end and start < each.home[1] for each in displaced)


def _trust(contest: Contest, heard: Heard) -> Sequence[int]:
    """Weights for the question whether a passage stands: of two witnesses those beforehand."""
    return contest.evidence.weights if contest.several else heard.priors
