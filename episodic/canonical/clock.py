"""Times as sources write them, in seconds."""

import re
from typing import Final

# The time of a turn in a transcript: ``MM:SS``, ``HH:MM:SS``, with or without a fraction.
CLOCK: Final = r"\d{1,2}:[0-5]\d(?::[0-5]\d)?(?:[.,]\d{1,3})?"
# The same in brackets, in front of what is said.
BRACKETED: Final = re.compile(rf"[\[(]({CLOCK})[\])]\s*", re.ASCII)
_CLOCK: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6}))?", re.ASCII)


def clock_seconds(text: str) -> float | None:
    """Seconds of ``[HH:]MM:SS[.fff]``; ``None`` where `text` is something else."""
    if (match := _CLOCK.fullmatch(text.strip())) is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    if int(seconds) > 59 or (hours is not None and int(minutes) > 59):
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole if fraction is None else whole + int(fraction) / 10 ** len(fraction)


def duration_seconds(text: str) -> float | None:
    """Seconds of a duration: a number of seconds, ``MM:SS``, or ``HH:MM:SS``."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII):
        return float(text)
    return clock_seconds(text)
