"""The vote in one column: what is said, then how it is spelled.

Votes are integers. Readings that say the same pool their votes; of these the form with most votes is
taken. Ties go to the reading of the voter that comes first, and voters come by weight, then by hash.
"""

import math
from collections.abc import Sequence

from episodic.canonical.sources import Utterance
from episodic.canonical.tokens import Tokens, key, printable


def elect(forms: Sequence[str | None], votes: Sequence[int | None]) -> str | None:
    """Elect a form.

    Parameters
    ----------
    forms
        Each voice's; empty when it has no word here, ``None`` when it does not reach here either.
    votes
        In thousandths; ``None`` for voices that have no vote.

    Returns
    -------
    The form that won. When nobody who reaches here has a vote, nothing wins, unless all have a word.
    """
    ballots = [
        (form, vote) for form, vote in zip(forms, votes, strict=True) if form is not None and vote is not None
    ]
    if not ballots:
        return None if None in forms else "" if "" in forms else forms[0]
    said: dict[str, int] = {}
    for form, vote in ballots:
        words = key(form)
        said[words] = said.get(words, 0) + vote
    winner = max(said, key=said.__getitem__)  # of equals the first, and dictionaries keep the order
    spelled: dict[str, int] = {}
    for form, vote in ballots:
        if key(form) == winner:
            spelled[form] = spelled.get(form, 0) + vote
    return max(spelled, key=spelled.__getitem__)


def confident_votes(weight: int, utterances: Sequence[Utterance], tokens: Tokens) -> list[int] | None:
    """Give the votes of a witness's tokens where its engine says how sure it was.

    Parameters
    ----------
    weight
        Of the witness, in thousandths; the vote of a token of mean confidence.

    Returns
    -------
    A vote for each token, or ``None`` when the witness says nothing of confidence.
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
    if not mean:
        return None
    return [weight if c is None else weight * round(1000 * c) // mean for c in confidences]


def _confidences(utterance: Utterance, forms: Sequence[str]) -> list[float | None]:
    """Find the confidence of each form: its word's, else its utterance's."""
    by_character = [
        word.confidence for word in utterance.words for _ in printable(word.text).replace(" ", "")
    ]
    lengths = [len(form.replace(" ", "")) for form in forms]
    if len(by_character) != sum(lengths):
        return [utterance.confidence] * len(forms)
    found: list[float | None] = []
    at = 0
    for length in lengths:
        found.append(by_character[at])
        at += length
    return found
