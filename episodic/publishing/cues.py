"""Caption-sized cues: what is read on a screen while it is heard.

1.  *Turns*: what one person says without a long pause is one text, however the sources have cut it.
2.  *Clocks*: each word has a time, between those that are known (the bounds of utterances, and the moments
    inside) by its place.
3.  *Cuts*: of all ways to cut a turn into cues that have room on the screen, the one that costs least is
    taken (by dynamic programming): it costs most to cut within a clause, less behind one, least behind a
    sentence, and what is too short, too long or too fast to read costs as well.
4.  *Schedule*: a cue stands while its words are heard, never less than the shortest time or than its reading
    takes. What that takes longer, it takes first from the silence after it, then from that before it; where
    there is none, the next cue waits, up to `Rules.lag` behind its words. Speech that is faster than anybody
    reads for longer than that is shown faster: captions that are late are worse.

For example, at 20 characters a line, what Ada says in 8 seconds is cut behind its clauses::

    0.0 --> 3.2   Climb the stairs,
    3.2 --> 8.0   and mind the last
                  step, it is short.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, NamedTuple

from episodic.canonical.errors import EpisodicError
from episodic.canonical.tei.reader import Spoken
from episodic.canonical.text.tokens import spelled
from episodic.publishing.breaking import Break, Chunk, lines, pieces
from episodic.publishing.rules import Rules
from episodic.publishing.word_times import course

_PAUSE: Final = 1000  # milliseconds of silence that end a turn
_BETWEEN: Final = 300  # and that are as good as a comma
_LEAD: Final = 500  # milliseconds that a cue may come before its words
_COST: Final = {Break.SENTENCE: 0.0, Break.CLAUSE: 8.0, Break.WORD: 30.0}
_EACH: Final = 12.0  # costs of a cue, so that there are no more than are needed
_SECOND: Final = 1.0


class NoTimesError(EpisodicError):
    """A format needs times where no source has any."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands on the screen for a while.

    Parameters
    ----------
    start, end
        Milliseconds.
    """

    lines: tuple[str, ...]
    start: int
    end: int
    speaker: str | None = None

    @property
    def text(self) -> str:
        """What is shown, as one line."""
        return "".join(map(spelled, self.lines)).rstrip()


def spoken_cues(utterances: Sequence[Spoken], *, named: bool = False) -> list[Cue]:
    """Make each utterance a cue, whatever its length.

    One without an end lasts until the next that has a start; those between that have no start share the time
    with it by the length of their texts. Where that leaves nothing, an utterance lasts a second.

    Raises
    ------
    NoTimesError
        When none has a start.
    """
    found: list[Cue] = []
    speaker: str | None = None
    for said, start, end in zip(utterances, *_bounds(utterances), strict=True):
        text = _told(said, speaker, named=named)
        found.append(Cue((text,), round(start * 1000), round(end * 1000), said.speaker))
        speaker = said.speaker
    return found


def caption_cues(utterances: Sequence[Spoken], rules: Rules, *, named: bool = False) -> list[Cue]:
    """Make cues that can be read.

    Parameters
    ----------
    named
        Whether the name of a speaker stands before the words with which he begins, and takes room.

    Raises
    ------
    NoTimesError
        When no utterance has a start.
    """
    cut = [each for turn in _turns(utterances, rules, named=named) for each in _cut(turn, rules)]
    return list(_scheduled(cut, rules))


class _Timed(NamedTuple):
    """A piece with the times of its words, in milliseconds."""

    piece: Chunk
    start: int
    end: int


@dataclass(slots=True)
class _Turn:
    speaker: str | None
    words: list[_Timed] = field(default_factory=list[_Timed])


def _told(said: Spoken, speaker: str | None, *, named: bool) -> str:
    """What is shown of an utterance after another speaker, with the new one's name if that is wanted."""
    if named and said.speaker and (said.speaker != speaker or said.turn):
        return f"{said.speaker}: {said.text}"
    return f"- {said.text}" if said.turn else said.text


def _turns(utterances: Sequence[Spoken], rules: Rules, *, named: bool) -> Iterator[_Turn]:
    """Put together what one person says without a pause."""
    turn: _Turn | None = None
    speaker: str | None = None
    for said, start, end in zip(utterances, *_bounds(utterances), strict=True):
        first = round(start * 1000)
        changes = said.speaker != speaker or said.turn
        if turn is None or changes or first - turn.words[-1].end > _PAUSE:
            if turn is not None:
                yield turn
            turn = _Turn(said.speaker)
        text = _told(said, speaker, named=named)
        words = list(_clocked(text, len(text) - len(said.text), course(said, start, end), rules.width))
        if words and turn.words and not spelled(turn.words[-1].piece.text).endswith(" "):
            words[0] = words[0]._replace(piece=replace(words[0].piece, spaced=False))
        turn.words += words
        speaker = said.speaker
    if turn is not None:
        yield turn


def _clocked(text: str, label: int, when: Callable[[int], float], width: int) -> Iterator[_Timed]:
    """Give each word its time; a name before the words takes none."""
    for piece in pieces(text, width, label):
        begins = max(0, piece.offset - label)
        until = max(0, piece.offset + len(piece.text) - label)
        yield _Timed(piece, round(when(begins) * 1000), round(when(until) * 1000))


def _cut(turn: _Turn, rules: Rules) -> Iterator[Cue]:
    """Cut a turn into cues at the least cost."""
    words = turn.words
    behind = [*(_COST[_quality(*both)] for both in pairwise(words)), 0.0]
    best = [0.0] + [float("inf")] * len(words)
    begins = [0] * (len(words) + 1)
    for first in range(len(words)):
        length = line = 0
        rows = 1
        for after in range(first + 1, len(words) + 1):
            piece = words[after - 1].piece
            space = piece.spaced and after > first + 1
            length += len(piece.text) + space
            line += len(piece.text) + (space and line > 0)
            if line > rules.width:
                rows, line = rows + 1, len(piece.text)
            if rows > rules.lines:
                break
            strain = _strain(words[first], words[after - 1], length, rules)
            cost = best[first] + _EACH + strain + behind[after - 1]
            if cost < best[after]:
                best[after], begins[after] = cost, first
    ends = [len(words)]
    while ends[-1]:
        ends.append(begins[ends[-1]])
    for first, after in pairwise(reversed(ends)):
        those = words[first:after]
        shown = lines([each.piece for each in those], rules.width, rules.lines)
        yield Cue(tuple(shown), those[0].start, those[-1].end, turn.speaker)


def _quality(before: _Timed, after: _Timed) -> Break:
    """How well a turn is cut between two words: a silence is as good as a comma."""
    if after.start - before.end >= _BETWEEN:
        return min(before.piece.after, Break.CLAUSE)
    return before.piece.after


def _strain(first: _Timed, last: _Timed, length: int, rules: Rules) -> float:
    """What it costs that a cue of so many characters is heard in this time."""
    seconds = (last.end - first.start) / 1000
    short = max(0.0, rules.shortest - seconds) * 15
    long = max(0.0, seconds - rules.longest) * 20
    fast = max(0.0, length / rules.speed - seconds) * 5
    return short + long + fast


def _scheduled(cut: Sequence[Cue], rules: Rules) -> Iterator[Cue]:
    """Give each cue the time in which it can be read; none overlaps the next."""
    shortest, longest, lag = (round(s * 1000) for s in (rules.shortest, rules.longest, rules.lag))
    clock = 0
    for cue, after in zip(cut, [*cut[1:], None], strict=True):
        need = max(shortest, -int(-len(cue.text) * 1000 // rules.speed))
        start = max(cue.start, clock)
        room = need if after is None else after.start - start
        if room < need:
            start = max(clock, min(start, start - min(_LEAD, need - room)))
        end = max(cue.end if after is None else min(cue.end, after.start), start + need)
        if after is not None and end > after.start + lag:
            end = max(after.start + lag, start + shortest)
        clock = min(end, start + max(longest, shortest))
        yield replace(cue, start=start, end=clock)


def hasty(cues: Iterable[Cue], rules: Rules) -> int:
    """Count the cues that are faster than anybody reads, as the times of their words leave no more."""
    return sum(len(cue.text) * 1000 > rules.speed * (cue.end - cue.start) for cue in cues)


def _bounds(utterances: Sequence[Spoken]) -> tuple[list[float], list[float]]:
    """The starts and the ends of all utterances, in seconds, which rise."""
    anchors = [number for number, said in enumerate(utterances) if said.start is not None]
    if not anchors:
        raise NoTimesError("no source says when anything was said; add one that has times, such as captions")
    starts: list[float] = []
    ends: list[float] = []
    clock = 0.0
    for first, following in pairwise([*dict.fromkeys([0, *anchors]), len(utterances)]):
        after = utterances[following].start if following < len(utterances) else None
        start = utterances[first].start
        clock = clock if start is None else max(clock, start)
        for number in range(first, following):
            left = [len(said.text) + 1 for said in utterances[number:following]]
            end = utterances[number].end
            if after is not None and end is not None and clock < after < end:
                end = after
            if (end is None or end <= clock) and after is not None and after > clock:
                end = clock + (after - clock) * left[0] / sum(left)
            starts.append(clock)
            clock = end if end is not None and end > clock else clock + _SECOND
            ends.append(clock)
    return starts, ends
