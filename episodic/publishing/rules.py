"""What a cue of captions may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The defaults are those of the large platforms for adults.

    Parameters
    ----------
    lines, width
        Lines of a cue, and characters of a line.
    shortest, longest
        Seconds for which a cue stands.
    speed
        Characters that are read in a second.
    lag
        Seconds that a cue may come after its words, where people speak faster than that.
    """

    lines: int = 2
    width: int = 42  # of WebVTT; programs that show SubRip have room for less
    shortest: float = 1.0
    longest: float = 7.0
    speed: float = 20.0
    lag: float = 5.0


SUBRIP_WIDTH = 32
