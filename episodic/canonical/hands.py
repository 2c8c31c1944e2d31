"""Whether a person edited a transcript, told from its text: a guess, and never more than evidence.

All of these must hold: nothing in it is an engine's (times or confidences of words); most of it has speakers
with names, not labels; it is in paragraphs; it writes marks and capitals; nothing is repeated in a loop; it
has hardly a filler, or else no times: who writes down every word writes fillers, and looks at no clock.
"""

from itertools import chain
from typing import Final

from episodic.canonical.labels import is_label
from episodic.canonical.loops import loops
from episodic.canonical.sources import NormalizedSource, SourceType
from episodic.canonical.tokens import tokenize

# How notes about it begin.
HAND: Final = "seems to be edited by a person"
# Words from which a text tells; the mean words of its utterances; shares of its words.
_TELLING: Final = 100
_PARAGRAPH: Final = 15
_NAMED: Final = 0.9
_STOPS: Final = 0.03
_CAPITALS: Final = (0.03, 0.5)
_FILLED: Final = 0.002
_FILLERS: Final = frozenset(
    {"um", "uh", "uhm", "er", "erm", "hmm", "mhm", "äh", "ähm", "öh", "euh", "eh", "ehm"}
)


def edited(source: NormalizedSource) -> str | None:
    """Give the evidence that a person edited a transcript; ``None`` where there is none."""
    spoken = [u for u in source.utterances if u.text]
    traces = source.signals.avg_logprob is not None or any(
        u.words or u.confidence is not None for u in spoken
    )
    if source.source_type is not SourceType.TRANSCRIPT or traces or not any(u.speaker for u in spoken):
        return None
    words = list(chain.from_iterable(u.text.split() for u in spoken))
    if len(words) < max(_TELLING, _PARAGRAPH * len(spoken)):
        return None
    named = sum(len(u.text.split()) for u in spoken if u.speaker and not is_label(u.speaker))
    stops = sum(word.rstrip("\"'”)")[-1:] in ".?!…。" for word in words)
    capitals = sum(word[:1].isupper() for word in words)
    filled = sum(word.strip(".,;:!?…-—").casefold() in _FILLERS for word in words)
    is_verbatim = filled > _FILLED * len(words)
    cased = any(word.lower() != word.upper() for word in words)
    if (
        named < _NAMED * len(words)
        or stops < _STOPS * len(words)
        or (cased and not _CAPITALS[0] * len(words) <= capitals <= _CAPITALS[1] * len(words))
        or (is_verbatim and any(u.start is not None for u in spoken))
        or any(True for _ in loops(tokenize(u.text for u in spoken).keys))
    ):
        return None
    return f"names, paragraphs, marks, no {'times' if is_verbatim else 'fillers'}, no loops"
