"""What an editor wants at a place, and the decisions that it comes to."""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from episodic.canonical.document import Reading
from episodic.canonical.domain import EarlierRevision, EditorialDecision, Episode, Revision, Series
from episodic.canonical.editing.additions import additions, written
from episodic.canonical.editing.addresses import beside_of, is_address, kind_of
from episodic.canonical.errors import EditError, NotFoundError
from episodic.canonical.sources import ClaimField, RawSource, number_text
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import duration_seconds
from episodic.canonical.text.tokens import printable

_NO_ADDRESS: Final = (
    "is not an address; give one of 'episodic decisions', a field, H:MM:SS/words, 'speaker H:MM:SS', or "
    "'after H:MM:SS/words'"
)
_NUMBER: Final = pattern(r"\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What an editor wants at one place.

    Parameters
    ----------
    address
        Of a conflict or an earlier edit; a field (``"title"``, ``"person: Ada"``); or ``H:MM:SS/words``:
        words of the transcript on which all witnesses may agree.
    reading
        Siglum of the witness whose reading is to stand.
    text
        What is to stand; empty: nothing. Without `reading` and `text` the vote is to count again.
    """

    address: str
    by: str
    reading: str | None = None
    text: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """An episode as it is before an edit."""

    series: Series
    episode: Episode
    newest: Revision
    decisions: tuple[EditorialDecision, ...]
    history: tuple[EarlierRevision, ...]
    sources: tuple[RawSource, ...]
    of_words: tuple[EditorialDecision, ...]  # those that stand in all episodes of the series

    def standing_at(self, address: str) -> EditorialDecision | None:
        """Find the decision that stands at a place, be it in force or not."""
        now = {replay.decision: replay.address for replay in self.newest.replays}
        standing = [decision for decision in self.decisions if decision.stands]
        found = [decision for decision in standing if now.get(decision.id) == address]
        found += [decision for decision in standing if decision.address == address]
        # A person or a keyword is also known by what an editor has called it.
        found += [
            decision
            for decision in standing
            if decision.kind == "claim"
            and ": " in decision.address
            and decision.id in now
            and f"{decision.address.partition(': ')[0]}: {decision.text}" == address
        ]
        return found[0] if found else None


def decisions_of(edit: Edit, state: Before, now: datetime) -> Iterator[EditorialDecision]:
    """Yield the decisions that an edit changes: the one that it takes back, and the one that it makes."""
    standing = state.standing_at(edit.address)
    if standing:
        yield standing.taken_back(edit.by, now)
    if edit.reading is None and edit.text is None:
        if standing is None:
            raise EditError(edit.address, "nobody has decided anything here that could be taken back")
        return
    by = printable(edit.by)
    if not by:
        raise EditError(edit.address, "a decision needs the name of who makes it")
    conflict = next((each for each in state.newest.decisions if each.address == edit.address), None)
    readings = conflict.variation.readings if conflict else ()
    if standing is None and conflict is None and not is_address(edit.address):
        raise EditError(edit.address, _NO_ADDRESS)
    kind = standing.kind if standing else conflict.kind if conflict else kind_of(edit.address)
    address = edit.address
    if standing and (kind == "claim" or beside_of(standing.address)):
        address = standing.address  # by which what it is about is known
    text = printable(edit.text or "" if edit.reading is None else _reading(edit, readings).text)
    if beside_of(address) and text:
        text = written(additions(edit.text or ""))
        if not text:
            raise EditError(address, 'nobody says anything in it; write "NAME: words"')
    if kind in {"claim", "speaker"} and not text:
        raise EditError(edit.address, "cannot be empty; give a text")
    if kind == "claim" and edit.reading is None:
        text = _value(edit.address, text)
    yield EditorialDecision(
        id=uuid.uuid7(),
        episode_id=state.episode.id,
        kind=kind,
        address=address,
        text=text,
        by=by,
        note=printable(edit.note or "") or None,
        made_at=now,
        revision=state.newest.number,
        readings=readings,
        quotations=standing.quotations if standing else (),
    )


def _value(address: str, text: str) -> str:
    """Give the value of a field in the form that `ClaimField` says; `EditError` when it cannot be one."""
    if address == ClaimField.PUBLISHED:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise EditError(
                address, f"“{text}” is not a date; write 2026-03-03 or 2026-03-03T06:00:00+00:00"
            ) from None
    elif address == ClaimField.DURATION:
        seconds = duration_seconds(text)
        if seconds is None:
            raise EditError(address, f"“{text}” is not a duration; write seconds or H:MM:SS")
        return number_text(seconds)
    elif address in {ClaimField.EPISODE, ClaimField.SEASON} and not _NUMBER.fullmatch(text):
        raise EditError(address, f"“{text}” is not a number; write it in digits")
    return text


def _reading(edit: Edit, readings: Sequence[Reading]) -> Reading:
    for reading in readings:
        if edit.reading in reading.sigla:
            if reading.cause:
                raise EditError(edit.address, f"{edit.reading} does not reach here; choose another source")
            return reading
    known = [siglum for reading in readings if reading.cause is None for siglum in reading.sigla]
    raise NotFoundError("reading", f"{edit.reading} at {edit.address}", known)
