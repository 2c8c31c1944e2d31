"""Whether a person edited a transcript, told from its text: a guess, and never more than evidence.

All of these must hold: nothing in it is an engine's (times or confidences of words); most of it has speakers
with names or parts ("Host"), not labels; it is in paragraphs, or in turns of several people; it writes marks
and capitals; nothing is repeated in a loop; it says itself that a person corrected it, or else most of it has
no times and it names no program. Programs for meetings, too, write names, paragraphs and marks, and leave
fillers out; people look at no clock.
"""

from itertools import chain, pairwise
from typing import Final

from episodic.canonical.sources import NormalizedSource, SourceType
from episodic.canonical.text.labels import is_label, part_of
from episodic.canonical.text.loops import loops
from episodic.canonical.text.tokens import tokenize

# How notes about it begin.
HAND: Final = "seems to be edited by a person"
# Words from which a text tells; the mean words of its turns or paragraphs; shares of its words.
_TELLING: Final = 100
_TURN: Final = 6
_PARAGRAPH: Final = 15
_NAMED: Final = 0.9
_STOPS: Final = 0.03
_CAPITALS: Final = (0.03, 0.5)
_TIMED: Final = 0.5


def edited(source: NormalizedSource) -> str | None:
    """Give the evidence that a person edited a transcript; ``None`` where there is none."""
    spoken = [u for u in source.utterances if u.text]
    traces = source.signals.avg_logprob is not None or any(
        u.words or u.confidence is not None for u in spoken
    )
    if source.source_type is not SourceType.TRANSCRIPT or traces or not any(u.speaker for u in spoken):
        return None
    words = list(chain.from_iterable(u.text.split() for u in spoken))
    changes = sum(before.speaker != after.speaker for before, after in pairwise(spoken))
    # Where nearly each is another's turn, none was cut into captions.
    least = _TURN if changes * 3 > len(spoken) * 2 else _PARAGRAPH
    if len(words) < max(_TELLING, least * len(spoken)):
        return None
    named = sum(len(u.text.split()) for u in spoken if u.speaker and _is_named(u.speaker))
    stops = sum(word.rstrip("\"'”)")[-1:] in ".?!…。" for word in words)
    capitals = sum(word[:1].isupper() for word in words)
    timed = sum(len(u.text.split()) for u in spoken if u.start is not None)
    by_hand = source.signals.by_hand
    cased = any(word.lower() != word.upper() for word in words)
    if (
        named < _NAMED * len(words)
        or stops < _STOPS * len(words)
        or (cased and not _CAPITALS[0] * len(words) <= capitals <= _CAPITALS[1] * len(words))
        or by_hand is False
        or (by_hand is None and timed > _TIMED * len(words))
        or any(True for _ in loops(tokenize(u.text for u in spoken).keys))
    ):
        return None
    return f"{'its own word' if by_hand else 'hardly any times'}, names, paragraphs, marks, no loops"


def _is_named(speaker: str) -> bool:
    """Whether a speaker is called as a person calls people, who may write "Host"; engines count voices."""
    return not is_label(speaker) or part_of(speaker) is not None
