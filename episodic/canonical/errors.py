"""Everything that can go wrong and is the user's to mend; a message says what, where and what to do."""

from collections.abc import Sequence


class EpisodicError(Exception):
    """Base of the errors that a user sees as one line instead of a traceback."""


class SourceError(EpisodicError):
    """A source cannot be used.

    Parameters
    ----------
    uri
        The source, as the user named it.
    reason
        What is wrong and, after it, what to do.
    where
        Place inside the source: ``"line 12"``, ``"cue 3"``, ``"page 2"``; ``None`` for the whole of it.
    """

    def __init__(self, uri: str, reason: str, where: str | None = None) -> None:
        super().__init__(uri, reason, where)
        self.uri = uri
        self.reason = reason
        self.where = where

    def __str__(self) -> str:
        place = f"{self.uri}, {self.where}" if self.where else self.uri
        return f"{place}: {self.reason}"


class UnreadableError(EpisodicError):
    """Content that cannot be used, said by what does not know whose it is; `SourceError` says whose.

    Parameters
    ----------
    reason, where
        As in `SourceError`.
    """

    def __init__(self, reason: str, where: str | None = None) -> None:
        super().__init__(reason, where)
        self.reason = reason
        self.where = where

    def __str__(self) -> str:
        return self.reason


class UnsupportedFormatError(SourceError):
    """No normalizer reads this source."""


class SourceLimitError(SourceError):
    """A source exceeds one of the limits that keep an untrusted document from harming the rest."""


class DoubtfulError(EpisodicError):
    """What was read is not beyond doubt, and the user wants nothing else.

    Parameters
    ----------
    doubts
        What was left out, guessed, damaged or set apart, a line for each source.
    """

    def __init__(self, doubts: Sequence[str]) -> None:
        super().__init__(tuple(doubts))
        self.doubts = tuple(doubts)

    def __str__(self) -> str:
        return f"nothing was stored, for --strict refuses this: {'; '.join(self.doubts)}"


class ResolutionError(EpisodicError):
    """The sources cannot be made into one document."""


class ResolutionLimitError(ResolutionError):
    """Resolving an episode takes more than it may."""


class DocumentError(EpisodicError):
    """A TEI document is not what Episodic's profile allows, or has a dangling pointer."""


class SettingsError(EpisodicError):
    """A setting has a value that it cannot have."""


class ExhaustedError(EpisodicError):
    """The process has run out of something: memory, files, processes."""


class QueueError(EpisodicError):
    """The queue cannot do what it is asked for."""


class StorageError(EpisodicError):
    """The database cannot be reached, read or written."""


class TransientError(StorageError):
    """The database was busy, full or gone: the same may succeed when it is tried again."""


class ComposerProcessError(EpisodicError):
    """A process died before it had composed its episode."""


class RemovalError(EpisodicError):
    """Something cannot be removed now."""


class StaleRevisionError(StorageError):
    """An edit was made against a revision that is no longer the newest.

    Parameters
    ----------
    episode
        ``series/episode``.
    expected
        The revision number that the edit was made against.
    newest
        The number of the newest revision.
    changes
        What was changed since, in words for a person, as far as it stands in the way.
    """

    def __init__(self, episode: str, expected: int, newest: int, changes: Sequence[str] = ()) -> None:
        super().__init__(episode, expected, newest, tuple(changes))
        self.episode = episode
        self.expected = expected
        self.newest = newest
        self.changes = tuple(changes)

    def __str__(self) -> str:
        changes = f" ({'; '.join(self.changes)})" if self.changes else ""
        return (
            f"{self.episode}: made against revision {self.expected}, but the newest is {self.newest}"
            f"{changes}; look at revision {self.newest} and try again"
        )


class EditError(EpisodicError):
    """An editor's decision cannot be made.

    Parameters
    ----------
    address
        The place, as the editor named it.
    reason
        What is wrong and, after it, what to do.
    """

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.address}: {self.reason}"


class SlugError(EpisodicError):
    """A name that cannot name a series or an episode.

    Parameters
    ----------
    kind
        ``"series"`` or ``"episode"``.
    slug
        The name as given.
    """

    def __init__(self, kind: str, slug: str) -> None:
        super().__init__(kind, slug)
        self.kind = kind
        self.slug = slug

    def __str__(self) -> str:
        article = "an" if self.kind == "episode" else "a"
        return (
            f"'{self.slug}' cannot name {article} {self.kind}; use 1 to 100 letters, digits, '-', '_' and "
            "'.', beginning with a letter or digit"
        )


class NotFoundError(EpisodicError):
    """A series, episode or revision that is not there.

    Parameters
    ----------
    kind
        What was looked for: ``"series"``, ``"episode"``, ``"revision"``.
    name
        The name under which it was looked for.
    known
        Names that do exist, for a suggestion.
    """

    def __init__(self, kind: str, name: str, known: Sequence[str] = ()) -> None:
        super().__init__(kind, name, tuple(known))
        self.kind = kind
        self.name = name
        self.known = tuple(known)

    @classmethod
    def revision(cls, episode: str, number: int, newest: int) -> NotFoundError:
        """Say which revisions an episode has: up to the newest, without what was pruned."""
        there = "only revision 1" if newest == 1 else f"revision 1 to {newest}"
        if 0 < number < newest:
            there = f"revision {newest}, the newest; 'episodic history {episode}' lists those before it"
        return cls("revision", f"{episode} {number}", [there])

    def __str__(self) -> str:
        known = f"; there is {', '.join(self.known)}" if self.known else ""
        return f"no {self.kind} '{self.name}'{known}"
