"""What was decided in a transcript, and why."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from episodic.canonical.document import Difference, Reading, Variation
from episodic.canonical.hands import HAND
from episodic.canonical.resolution.transcripts.collation import Collation, Voice
from episodic.canonical.resolved import Decision, Ground
from episodic.canonical.sources import Doubt, decimal
from episodic.canonical.text.tokens import printable

# Of a witness's words, a share that stands in another place and is worth a warning; less is a note.
_MUCH: Final = 0.01


def about(
    variation: Variation,
    time: float | None,
    trusted: frozenset[str],
    edited: frozenset[str],
    names: Sequence[str] = (),
) -> Decision | None:
    """Say why a reading won; ``None`` when the others just do not reach here.

    Parameters
    ----------
    trusted, edited
        The sigla of the witnesses that are not put to the vote, and that a person seems to have edited.
    names
        Of other episodes, that only the lemma has and that speak for it.
    """
    rivals = variation.rivals
    if not rivals and not variation.verdict:
        return None
    weight = decimal(variation.lemma.weight)
    strongest = max((rival.weight for rival in rivals), default=0)
    ground = None
    if variation.verdict:
        reason = variation.verdict.reason
    elif whose := [siglum for siglum in variation.lemma.sigla if siglum in trusted]:
        also = sorted(trusted.intersection(chain.from_iterable(rival.sigla for rival in rivals)))
        ground = None if also else Ground.TRUST
        reason = f"{whose[0]} is trusted" + (f", and so is {also[0]}, which has another" if also else "")
    elif variation.difference is Difference.ORTHOGRAPHIC:
        reason = f"only the spelling differs; {weight} for it, {decimal(strongest)} for another"
    elif names:
        reason = f"other episodes have {', '.join(names)}; {weight} for it, {decimal(strongest)} for another"
    else:
        reason = f"{weight} for it, {decimal(strongest)} for the strongest other"
        if hands := edited.intersection(variation.lemma.sigla if variation.lemma.text else ()):
            ground, reason = Ground.HAND, f"{reason}; {min(hands)} {HAND}"
        elif variation.lemma.weight < strongest:
            reason += "; agreement with the others and the words of the episode speak for it"
    return Decision("transcript", variation.address or "", variation, reason, time, ground)


def about_witnesses(collation: Collation) -> Iterator[Decision]:
    """Say which witnesses copy another, which do not belong to the rest, and what has no vote."""
    voices = collation.voices
    base, reasons = voices[collation.base], _set_apart(collation)
    for index, original in sorted(collation.copies.items()):
        reason = f"{voices[index].siglum} {_copies(voices[original])}"
        yield _witness_decision(voices[original], voices[index], reason, Ground.COPY)
    for voice in voices[: collation.witnesses]:
        for reason in reasons.get(voice.siglum, ()):
            yield _witness_decision(base, voice, reason)


def notes(collation: Collation, agreement: Sequence[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """Say of witnesses, by siglum, what they make together with others, and how far they agree with them.

    Parameters
    ----------
    agreement
        As in `Voted`.
    """
    for voice in collation.voices[collation.witnesses :]:
        members = [collation.voices[index].siglum for index in voice.thread.members]
        what = (
            "in turn on one clock, as tracks do" if voice.thread.in_turn else "one after another, as parts do"
        )
        for siglum in members:
            others = " and ".join(other for other in members if other != siglum)
            yield siglum, f"makes one transcript together with {others}, {what}; they vote as one"
    for index, original in sorted(collation.copies.items()):
        yield collation.voices[index].siglum, _copies(collation.voices[original])
    for siglum, count, many, what in _displaced(collation):
        if not many:
            yield siglum, f"has {count} {what}; they stand once"
    for index, (same, places) in zip(collation.family, agreement, strict=True):
        for member in collation.voices[index].thread.members if places else ():
            share = f"{same / places:.0%} of {places:,} disputed places"
            yield collation.voices[member].siglum, f"agrees with the others at {share}"


def doubts_of(collation: Collation) -> dict[str, tuple[Doubt, ...]]:
    """Say what was guessed of witnesses, and what of them has no vote, by siglum."""
    guessed: dict[str, list[Doubt]] = {}
    for voice in collation.voices[collation.witnesses :]:
        first, *others = (collation.voices[index] for index in voice.thread.members)
        sigla = " and ".join(other.siglum for other in others)
        what = "tracks of one conversation" if voice.thread.in_turn else "parts of one transcript"
        guess = f"{first.siglum} and {sigla} were taken for {what}, for they have few words in common"
        called = (f"{collation.voices[index].siglum} {name}" for index, name in voice.thread.called.items())
        named = f"; who speaks in them is called after their files: {', '.join(called)}"
        guessed[first.siglum] = [Doubt.guessed(guess + named * bool(voice.thread.called))]
    apart = _set_apart(collation)
    return {
        siglum: (*guessed.get(siglum, ()), *map(Doubt.set_apart, apart.get(siglum, ())))
        for siglum in dict.fromkeys((*guessed, *apart))
    }


def _copies(original: Voice) -> str:
    return f"copies {original.siglum} in other packaging; they vote once, with {decimal(original.weight)}"


def _set_apart(collation: Collation) -> dict[str, tuple[str, ...]]:
    """Say what has no vote, with its share of a witness's words and what to do."""
    reasons: dict[str, list[str]] = {}
    base = collation.voices[collation.base]
    for index, voice in enumerate(collation.voices[: collation.witnesses]):
        said = reasons.setdefault(voice.siglum, [])
        if index in collation.apart:
            said.append(
                f"{_strangeness(voice, base, collation.likeness[index])}; it is kept, but has no vote, and "
                f"none of its {len(voice.tokens.keys):,} words stands"
            )
        elif voice.muted:
            said.append(
                f"{voice.siglum} says the same again and again: {_share(len(voice.muted), voice)} have no "
                "vote; transcribe it once more, or hear what is said there"
            )
    for siglum, count, many, what in _displaced(collation):
        if many:
            reasons[siglum].append(
                f"{siglum} has {count} {what}; they stand once, where most have them: "
                "see whether its file was put together rightly"
            )
    return {siglum: tuple(said) for siglum, said in reasons.items() if said}


def _displaced(collation: Collation) -> Iterator[tuple[str, str, bool, str]]:
    """Yield who has words in another place: the siglum, how many, whether that is much, and where."""
    for index, number in enumerate(collation.family):
        words, voice = collation.table.words[index], collation.voices[number]
        for twice in (False, True):
            count = sum(
                sum(word >= 0 for word in words[each.start : each.end])
                for each in collation.displaced
                if index in each.voices and twice == _speaks(words[slice(*each.home)])
            )
            if count:
                what = "twice" if twice else "in another place than the others"
                many = count >= _MUCH * len(voice.tokens.keys)
                yield voice.siglum, _share(count, voice), many, what


def _speaks(words: Sequence[int]) -> bool:
    return 2 * sum(word >= 0 for word in words) > len(words)


def _share(words: int, voice: Voice) -> str:
    share = words / len(voice.tokens.keys)
    return f"{words:,} of its words, {share:.0%}," if share >= _MUCH else f"{words:,} of its words"


def _strangeness(voice: Voice, base: Voice, shared: float) -> str:
    """Say why a witness is set apart: its language, where both are known and differ, or its words."""
    languages = [each.witness.weighted.source.language for each in (voice, base)]
    own, common = (printable(language or "") for language in languages)
    if own and common and own.partition("-")[0].lower() != common.partition("-")[0].lower():
        return f"{voice.siglum} is in another language ({own}) than {base.siglum} ({common})"
    return (
        f"{voice.siglum} does not belong together with {base.siglum}: they share {shared:.0%} of their "
        "phrases of five words (if it does, say so: parts by names as show-part1 and show-part2, tracks by "
        "times on one clock)"
    )


def _witness_decision(accepted: Voice, other: Voice, reason: str, ground: Ground | None = None) -> Decision:
    readings = [
        Reading(printable(voice.witness.weighted.source.name), (voice.siglum,), voice.weight)
        for voice in (accepted, other)
    ]
    variation = Variation(readings[0], (readings[1],))
    return Decision("transcript", f"witness {other.siglum}", variation, reason, ground=ground)
