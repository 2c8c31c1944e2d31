"""Settings from EPISODIC_* environment variables, with their defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import msgspec

from episodic.canonical.errors import SettingsError
from episodic.canonical.limits import Limits
from episodic.publishing.rules import SUBRIP_WIDTH, Rules

PREFIX = "EPISODIC_"
_RULES: Final = Rules()
# What no machine has, and nobody waits for: the kernel's limits and clocks can hold as much.
_MOST: Final[dict[object, int]] = {int: 10**12, float: 10**9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Limits):
    """What can be set; each field, those of `Limits` too, is read from ``EPISODIC_`` and its name.

    Parameters
    ----------
    database_url
        ``sqlite:///FILE`` or ``postgresql://…``; empty: SQLite in the user's data
        directory.
    concurrency
        Sources read at the same time.
    source_timeout
        Seconds that one source may take.
    slow_source
        Seconds after which a source is logged as slow.
    large_episode
        Bytes of sources, and characters of what they say, above which an episode is composed in a process of
        its own.
    resolve_seconds, resolve_bytes
        Seconds of wall clock and bytes of memory that resolving an episode in such a process may take.
    worker_lease
        Seconds after which a queue's worker that was not heard of has lost its episodes to others.
    cue_lines, webvtt_width, subrip_width, cue_shortest, cue_longest, cue_speed, cue_lag
        What a cue of captions may be; see `Rules`.
    """

    database_url: str = ""
    concurrency: int = 8
    source_timeout: float = 120.0
    slow_source: float = 10.0
    large_episode: int = 2 * 2**20
    resolve_seconds: float = 300.0
    resolve_bytes: int = 4 * 2**30
    worker_lease: float = 60.0
    cue_lines: int = _RULES.lines
    webvtt_width: int = _RULES.width
    subrip_width: int = SUBRIP_WIDTH
    cue_shortest: float = _RULES.shortest
    cue_longest: float = _RULES.longest
    cue_speed: float = _RULES.speed
    cue_lag: float = _RULES.lag

    def __post_init__(self) -> None:
        for name, kind in _kinds().items():
            most, value = _MOST.get(kind), getattr(self, name)
            if most and not 0 < value <= most:
                raise SettingsError(
                    f"{PREFIX}{name.upper()} is {value}; it must be above 0, and {most:,} at most"
                )
        if self.cue_longest < self.cue_shortest:
            raise SettingsError(
                f"{PREFIX}CUE_LONGEST is {self.cue_longest:g}; it must not be below {PREFIX}CUE_SHORTEST"
            )

    @property
    def limits(self) -> Limits:
        """What one source may cost."""
        return Limits(**{field.name: getattr(self, field.name) for field in fields(Limits)})

    def cue_rules(self, width: int) -> Rules:
        """What a cue may be in a format whose lines have so many characters."""
        own = {field.name for field in fields(Rules)} - {"width"}
        return Rules(width=width, **{name: getattr(self, f"cue_{name}") for name in own})

    @property
    def store_url(self) -> str:
        """The database's URL, the default one spelled out."""
        if self.database_url:
            return self.database_url
        import platformdirs

        return f"sqlite:///{platformdirs.user_data_path('episodic', appauthor=False) / 'episodic.sqlite3'}"

    @property
    def store_place(self) -> str:
        """Where the database is, for a person: a file, or a URL without user and password."""
        from episodic.canonical.storage.database import Database

        return Database(self.store_url).name


def _kinds() -> dict[str, object]:
    return {field.name: field.type for field in fields(Settings)}


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; `SettingsError` for an EPISODIC_* variable that is none or makes no sense."""
    given = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in (os.environ if environment is None else environment).items()
        if key.startswith(PREFIX)
    }
    known = _kinds()
    if unknown := sorted(given.keys() - known.keys()):
        there = ", ".join(PREFIX + name.upper() for name in sorted(known))
        raise SettingsError(f"{PREFIX}{unknown[0].upper()} is not a setting; there is {there}")
    values: dict[str, object] = {}
    for name, text in given.items():
        try:
            values[name] = msgspec.convert(text, known[name], strict=False)
        except msgspec.ValidationError:
            raise SettingsError(f"{PREFIX}{name.upper()} is '{text}'; it must be a number") from None
    return Settings(**values)  # pyright: ignore[reportArgumentType]  # converted to each field's own type above
