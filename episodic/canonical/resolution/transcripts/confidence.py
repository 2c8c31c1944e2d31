"""How sure an engine was of each word, beside its own mean."""

import math
from collections.abc import Sequence

from episodic.canonical.resolution.transcripts.normal import Normal
from episodic.canonical.resolution.transcripts.timing import spelling
from episodic.canonical.sources import Utterance
from episodic.canonical.text.tokens import Tokens

_MOST = 2000


def factors(utterances: Sequence[Utterance], tokens: Tokens, normal: Normal) -> list[int] | None:
    """Give the factors of a witness's votes where its engine says how sure it was.

    Returns
    -------
    For each word of the normal form, thousandths, 1000 for the mean; ``None``: it says nothing.
    """
    if not any(u.confidence is not None or u.words for u in utterances):
        return None
    confidences: list[float | None] = []
    at = 0
    for utterance, length in zip(utterances, tokens.lengths, strict=True):
        confidences += _confidences(utterance, tokens.forms[at : at + length])
        at += length
    known = [confidence for confidence in confidences if confidence is not None]
    mean = round(1000 * math.fsum(known) / len(known)) if known else 0
    if not mean or min(known) == max(known):
        return None
    by_token = [1000 if c is None else min(_MOST, 1000 * round(1000 * c) // mean) for c in confidences]
    return [by_token[start] for start in normal.starts]


def _confidences(utterance: Utterance, forms: Sequence[str]) -> list[float | None]:
    """Find the confidence of each form: its word's, else its utterance's."""
    words = spelling(utterance, forms)
    if words is None:
        return [utterance.confidence] * len(forms)
    return [each and each[0].confidence for each in words]
