"""Weights of sources from evidence of quality, dates and type.

A weight is the sum of factors. The share of quality is split over the evidence that a source offers,
so that a source is not punished for evidence that its format cannot carry, and what was not known
stands among the reasons. Words that were left out count as words of which nothing is known, so that
a file never weighs more for having lost those that told against it. A trusted source has all weight there is.
"""

import math
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Final

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.hands import HAND, edited
from episodic.canonical.sources import Factor, NormalizedSource, SourceType, WeightedSource

_UNKNOWN: Final = 0.5
_EDITED: Final = 0.9
# What Whisper itself takes for a repetition loop: https://github.com/openai/whisper, `transcribe`.
_COMPRESSION_LIMIT: Final = 2.4


def weigh(sources: Sequence[NormalizedSource], policy: SeriesPolicy) -> tuple[WeightedSource, ...]:
    """Weigh sources against each other.

    Parameters
    ----------
    sources
        All sources of one episode: completeness and freshness are relative to the others.
    policy
        Coefficients, half-life and reliabilities of the series.

    Returns
    -------
    In the order of `sources`, with weights in thousandths and the factors that they sum up.
    """
    total = policy.quality + policy.freshness + policy.reliability
    if total <= 0:
        total = 1.0
    longest: dict[SourceType, int] = {}
    sizes = [_size(source) for source in sources]
    for source, size in zip(sources, sizes, strict=True):
        longest[source.source_type] = max(longest.get(source.source_type, 0), size)
    newest = max((s.dated.timestamp() for s in sources if s.dated), default=None)
    weighted: list[WeightedSource] = []
    for source, size in zip(sources, sizes, strict=True):
        hand = edited(source)
        factors = (
            *_quality(source, size, longest[source.source_type], policy.quality / total),
            _freshness(source, newest, policy.half_life_days, policy.freshness / total),
            _reliability(source, policy, policy.reliability / total, by_hand=bool(hand)),
        )
        if reason := _trust(source, policy):
            factors = (Factor("trust", 1.0, 1.0, reason),)
        weight = round(1000 * math.fsum(f.value * f.coefficient for f in factors))
        hand = None if reason else hand
        wins = "wins where it has words unless several often contradict it"
        notes = (f"{HAND} ({hand}), and {wins}: a guess; --trust lets it decide",) if hand else ()
        weighted.append(WeightedSource(source, weight, factors, bool(reason), bool(hand), notes))
    return tuple(weighted)


def _size(source: NormalizedSource) -> int:
    """Characters of content; spaces do not count, as not every script has them."""
    texts = [u.text for u in source.utterances] + [p.text for p in source.passages]
    return sum(len(text) - text.count(" ") for text in texts) + sum(len(c.value) for c in source.claims)


def _quality(source: NormalizedSource, size: int, longest: int, coefficient: float) -> tuple[Factor, ...]:
    signals = source.signals
    evidence = [
        (
            "completeness",
            3,
            size / longest if longest else 0.0,
            "the longest of its type" if size == longest else f"{size} of the longest's {longest} characters",
        )
    ]
    if signals.avg_logprob is not None:
        probability = min(1.0, math.exp(signals.avg_logprob))
        evidence.append(
            ("engine certainty", 3, probability, f"mean token probability {probability:.2f} by its engine")
        )
    elif confidences := [u.confidence for u in source.utterances if u.confidence is not None]:
        mean = math.fsum(confidences) / len(confidences)
        evidence.append(("engine certainty", 3, _unit(mean), f"mean confidence {mean:.2f} by its engine"))
    if signals.no_speech_prob is not None:
        speech = _unit(1 - signals.no_speech_prob)
        evidence.append(("speech", 1, speech, f"its engine heard speech with probability {speech:.2f}"))
    if signals.compression_ratio is not None:
        fine = signals.compression_ratio <= _COMPRESSION_LIMIT
        value = 1.0 if fine else _COMPRESSION_LIMIT / signals.compression_ratio
        why = f"compression ratio {signals.compression_ratio:.2f}"
        evidence.append(("repetition", 1, value, why if fine else f"{why}: it repeats itself"))
    if source.source_type is SourceType.TRANSCRIPT:
        speakers = _unit(signals.speaker_coverage or 0.0)
        starts = _unit(signals.timing_coverage or 0.0)
        ends = starts * _ended(source)
        evidence.append(("speakers", 2, speakers, f"{speakers:.0%} of its words have a speaker"))
        why = f"{starts:.0%} of its words have a start" + (f", {ends:.0%} an end" if starts else "")
        evidence.append(("timing", 1, (starts + ends) / 2, why))
    if signals.lost:
        kept, why = 1 - _unit(signals.lost), f"; {signals.lost:.0%} of its words were left out"
        evidence = [(name, share, value * kept, reason + why) for name, share, value, reason in evidence]
    evidence.append(_integrity(source))
    shares = sum(share for _, share, _, _ in evidence)
    return tuple(
        Factor(f"quality: {name}", value, coefficient * share / shares, reason)
        for name, share, value, reason in evidence
    )


def _ended(source: NormalizedSource) -> float:
    """Share of the text with a start that has an end as well."""
    started = [u for u in source.utterances if u.start is not None]
    size = sum(len(u.text) for u in started)
    return sum(len(u.text) for u in started if u.end is not None) / size if size else 1.0


def _integrity(source: NormalizedSource) -> tuple[str, int, float, str]:
    """Judge what is left of the source after decoding and repair."""
    signals = source.signals
    # One damaged character or lost word in fifty makes a text as good as unreadable.
    value = _unit(1 - 50 * (signals.damage + signals.lost)) * (1.0 if signals.well_formed else 0.5)
    if value == 1:
        return "integrity", 2, value, "well-formed and undamaged"
    faults = [f"{signals.damage:.2%} of it damaged"] if signals.damage else []
    faults += [f"{signals.lost:.2%} of its words left out"] if signals.lost else []
    faults += [] if signals.well_formed else ["breaks its format's rules"]
    return "integrity", 2, value, ", ".join(faults)


def _freshness(
    source: NormalizedSource, newest: float | None, half_life_days: float, coefficient: float
) -> Factor:
    if source.dated is None or newest is None:
        return Factor("freshness", _UNKNOWN, coefficient, "undated, taken as middling")
    days = max(0.0, (newest - source.dated.timestamp()) / 86_400)
    value = 0.5 ** (days / half_life_days)
    reason = "the newest dated source" if days == 0 else f"{days:.1f} days older than the newest"
    return Factor("freshness", value, coefficient, reason)


def _trust(source: NormalizedSource, policy: SeriesPolicy) -> str | None:
    """Say why a source is trusted; ``None``: it is not."""
    if source.signals.trusted:
        return "--trust or its front matter says so"
    name = PurePath(source.uri).name
    found = (pattern for pattern in policy.trust if fnmatchcase(name.casefold(), pattern.casefold()))
    return next((f"the series trusts {pattern}" for pattern in found), None)


def _reliability(
    source: NormalizedSource, policy: SeriesPolicy, coefficient: float, *, by_hand: bool
) -> Factor:
    if (value := policy.reliabilities.get(source.source_type)) is not None:
        return Factor("reliability", _unit(value), coefficient, "the series' own value for its type")
    if by_hand:
        return Factor("reliability", _EDITED, coefficient, f"{HAND}, a guess")
    return Factor("reliability", source.source_type.reliability, coefficient, "the default for its type")


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
