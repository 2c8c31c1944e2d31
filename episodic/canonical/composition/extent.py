"""How much the sources of an episode say, which decides where it is composed, and a limit's line tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from episodic.canonical.sources import NormalizedSource

_NAMED: Final = 3  # sources; of a thousand, the largest tell enough


@dataclass(frozen=True, slots=True)
class Extent:
    """What sources say, counted.

    Parameters
    ----------
    characters
        Of all their texts together.
    words
        Sources by URI with their words between spaces, the largest first.
    """

    characters: int
    words: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, sources: Sequence[NormalizedSource]) -> Self:
        """Count what sources say."""
        words = ((source.uri, sum(text.count(" ") + 1 for text in _texts(source))) for source in sources)
        characters = sum(len(text) for source in sources for text in _texts(source))
        return cls(characters, tuple(sorted(words, key=lambda each: -each[1])))

    def __str__(self) -> str:
        named = [f"{uri} ({words:,} words)" for uri, words in self.words[:_NAMED]]
        if rest := self.words[_NAMED:]:
            named.append(f"and {len(rest):,} more ({sum(words for _, words in rest):,} words)")
        return ", ".join(named)


def _texts(source: NormalizedSource) -> Iterator[str]:
    yield from (utterance.text for utterance in source.utterances)
    yield from (passage.text for passage in source.passages)
