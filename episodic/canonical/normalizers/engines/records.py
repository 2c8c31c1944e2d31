"""Lists of speech in JSON, as people's own scripts write them: a table whose columns are keys.

``[{"start": 0.5, "end": 2.1, "speaker": "Maya", "text": "Good evening."}, ...]``, under whatever key, is read
as `captions.table` reads rows. Keys are told by the same words as columns, with humps, underscores and units
(``startTime``, ``end_ms``); a pair or an object of times stands for both, and words with times
are kept where they stand in an object. This is asked after all engines. A list that has keys of messages, and
one beside which another would do as well, is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import msgspec

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.captions.table import VAGUE, Row, read_row, read_rows, told_columns
from episodic.canonical.normalizers.engines.spoken import fitted, named
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.json_text import (
    Outline,
    inside,
    outline,
    strict_json,
    unhumped,
)
from episodic.canonical.normalizers.speech.timecodes import Timecodes
from episodic.canonical.normalizers.statements import claimed_date, field_claims
from episodic.canonical.sources import Claim, Word
from episodic.canonical.text.tokens import fold

type _Value = bool | int | float | str | list[msgspec.Raw] | dict[str, msgspec.Raw] | None

# What has such keys was written, and not said; or it is a list of chapters.
_WRITTEN: Final = frozenset(
    {"author", "user", "username", "sender", "role", "created at", "likes", "title", "price", "email"}
)
_NAMES: Final = ("name", "display_name", "displayName", "label", "id")


class Records(Format):
    """A list of objects whose keys say what was said, and when or by whom."""

    name = "json-list"
    title = "lists with the keys start, end, speaker and text"

    def recognizes(self, head: Head) -> bool:
        """By the keys of its objects."""
        return head.outline is not None and _place(head.outline) is not None

    def read(self, document: Document) -> Structure:
        """Read objects; those without text are left out."""
        decoded = document.decode()
        value = strict_json(decoded.text)
        try:
            records = msgspec.json.decode(
                inside(value, _place(outline(value)) or ""), type=list[dict[str, _Value]]
            )
            flat, claims = [dict(_flat(record)) for record in records], tuple(_claims(value))
        except msgspec.ValidationError as error:
            wanted = "has no list of objects with the keys start or speaker, and text"
            raise UnreadableError(f"{wanted}: {error}") from error
        keys = list(dict.fromkeys(key for record in flat for key in record))
        columns, unit = told_columns([unhumped(key) for key in keys])
        roles = {role: keys[at] for role, at in columns.items()}
        timecodes = Timecodes.found_in(decoded.text)
        cells = [{role: record.get(key, "") for role, key in roles.items()} for record in flat]
        said = (read_row(each, f"item {at}", timecodes) for at, each in enumerate(cells, 1))
        worded = (_with_words(row, each, timecodes) for row, each in zip(said, records, strict=True))
        names = _listed_names(value)
        rows = [row._replace(speaker=names.get(row.speaker, row.speaker)) for row in worded if row.text]
        if rows and all(row.start is None and not row.speaker for row in rows):
            raise UnreadableError("has no time that can be read, and no speaker; is it a transcript?")
        structure = read_rows(document, decoded, rows, unit, timecodes)
        others = [key for key in keys if key not in roles.values()]
        notes = (f"keys left out: {', '.join(others)}",) if others else ()
        signals = replace(structure.signals, notes=(*notes, *structure.signals.notes))
        return replace(structure, claims=claims, dated=claimed_date(claims), signals=signals)


def _with_words(row: Row, record: Mapping[str, _Value], timecodes: Timecodes | None) -> Row:
    """The row with the words that are listed in it, which are its text where it has no other."""
    for value in record.values():
        spoken = _spoken(value, timecodes) if isinstance(value, list) else []
        if not spoken or spoken[0].start is None:
            continue
        text = row.text or " ".join(word.text for word in spoken)
        return row._replace(
            text=text,
            start=spoken[0].start if row.start is None else row.start,
            end=spoken[-1].until if row.until is None else row.until,
            numeric=row.numeric or (row.start is None and spoken[0].numeric),
            words=tuple(fitted([Word(word.text, word.start, word.until) for word in spoken], fold(text))),
        )
    return row


def _spoken(listed: list[msgspec.Raw], timecodes: Timecodes | None) -> list[Row]:
    try:
        words = msgspec.json.decode(msgspec.json.encode(listed), type=list[dict[str, _Value]])
    except msgspec.ValidationError:
        return []
    cells = ({_role(key): cell for key, cell in _flat(word)} for word in words)
    return [row for each in cells if (row := read_row(each, "", timecodes)).text]


def _listed_names(value: msgspec.Raw) -> Mapping[str, str]:
    """Names of the speakers who are listed beside what they say, by what is there for them."""
    places = [key.removesuffix("[]") for key in outline(value) if key.rpartition(".")[2] == "speakers[]"]
    try:
        listed = inside(value, min(places, default="speakers"))
        people = msgspec.json.decode(listed, type=list[dict[str, _Value]])
    except (
        msgspec.ValidationError,
        KeyError,
        ValueError,
    ):  # none, or not of objects, or in each item of a list
        return {}
    return {
        key: name
        for each in people
        if isinstance(number := each.get("id"), str | int)
        and (key := named(number))
        and isinstance(name := each.get("speaker_name", each.get("name")), str)
        and fold(name)
    }


def _claims(value: msgspec.Raw) -> Iterator[Claim]:
    """What stands beside the list."""
    if bytes(value).lstrip().startswith(b"{"):
        for key, each in msgspec.json.decode(value, type=dict[str, _Value]).items():
            if isinstance(each, str):
                yield from field_claims(unhumped(key), each, key)


def _place(keys: Outline) -> str | None:
    """The path of the only list of objects that are speech; of words and what they make, of the latter."""
    lists: dict[str, set[str]] = {}
    for key in keys:
        path, inner, name = key.partition("[].")
        holder, within, word = name.partition("[].")
        if within and "[]" not in word and _role(word) == "text" and _role(holder) == "text":
            name = holder  # words, which are the text where there is no other
        if inner and "[]" not in path + name and (f"{key}[]" not in keys or _role(name) == "start"):
            lists.setdefault(path, set()).add(unhumped(name.rpartition(".")[2]))
            if f"{key}[]" in keys:
                lists[path].add("end")  # a pair
    found = [path for path, names in lists.items() if _are_speech(sorted(names))]
    found = [path for path in found if "word" not in path.lower()] or found
    return found[0] if len(found) == 1 else None


def _are_speech(names: list[str]) -> bool:
    columns, _ = told_columns(names)
    if "text" not in columns or not _WRITTEN.isdisjoint(names):
        return False
    if "start" in columns and ("end" in columns or "duration" in columns):
        return True
    if "speaker" not in columns:
        return False
    told = names[columns["speaker"]].startswith("speaker")  # beside which any word for a text is clear
    return told or VAGUE.isdisjoint(names[at] for at in columns.values())


def _role(key: str) -> str:
    return next(iter(told_columns([unhumped(key)])[0]), "")


def _flat(record: Mapping[str, _Value]) -> Iterator[tuple[str, str]]:
    """The plain values as text: of pairs and objects of times, those in them; of a speaker's, the name."""
    for key, value in record.items():
        role = _role(key)
        inner: Mapping[str, _Value] = _values(value) if isinstance(value, dict) else {}
        if role == "speaker":
            value = next((inner[name] for name in _NAMES if name in inner), value)  # noqa: PLW2901 - its name
            yield key, (named(value) or "") if isinstance(value, str | int) else ""
        elif inner:
            yield from _flat(inner)
        elif isinstance(value, list) and role == "start":
            pair = msgspec.json.decode(msgspec.json.encode(value), type=list[_Value])
            yield from zip(("start", "end"), map(_cell, pair), strict=False)
        elif not isinstance(value, list | dict):
            yield key, _cell(value)


def _values(inner: Mapping[str, msgspec.Raw]) -> Mapping[str, _Value]:
    return {key: msgspec.json.decode(value, type=_Value) for key, value in inner.items()}


def _cell(value: _Value) -> str:
    if isinstance(value, float):
        return f"{value:f}"
    return "" if value is None else str(value)
