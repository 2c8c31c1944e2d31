"""Lists of speech in JSON, as people's own scripts write them: a table whose columns are keys.

``[{"start": 0.5, "end": 2.1, "speaker": "Maya", "text": "Good evening."}, ...]``, under whatever key, is read
as `captions.speech_table` reads rows. Keys are told by the same words as columns, with humps, underscores and
units (``startTime``, ``end_ms``); a pair or an object of times stands for both. Words with times that are
listed in an object are kept; what is longer than words there are lines that its speaker says. This is asked
after all engines. A list that has keys of messages, and one beside which another would do as well, is none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Final

import msgspec

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.captions.speech_table import VAGUE, Row, read_row, read_rows, told_columns
from episodic.canonical.normalizers.engines.beside import Turn, told_apart
from episodic.canonical.normalizers.engines.spoken import fitted
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.json_text import (
    Outline,
    inside,
    outline,
    strict_json,
    unhumped,
)
from episodic.canonical.normalizers.speech.channels import named
from episodic.canonical.normalizers.speech.dialogue import covered
from episodic.canonical.normalizers.speech.timecodes import Timecodes
from episodic.canonical.normalizers.statements import claimed_date, field_claims
from episodic.canonical.sources import Claim, Word
from episodic.canonical.text.tokens import fold

type _Value = bool | int | float | str | list[msgspec.Raw] | dict[str, msgspec.Raw] | None

# What has such keys was written, and not said; or it is a list of chapters.
_WRITTEN: Final = frozenset(
    {"author", "user", "username", "sender", "role", "created at", "likes", "title", "price", "email"}
)
_NAMES: Final = ("name", "display_name", "displayName", "label", "id", "@id")
_LANGUAGES: Final = ("language", "language_code", "languageCode", "lang")
_ENDS: Final = frozenset({"end", "duration"})
_KEYS: Final = ("id", "spkid", "speaker_id", "speakerId", "key")


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
        outlined = outline(value)
        try:
            records = msgspec.json.decode(inside(value, _place(outlined) or ""), type=list[dict[str, _Value]])
            beside = _beside(value)
            flat = [dict(_flat(record)) for record in records]
        except msgspec.ValidationError as error:
            wanted = "has no list of objects with the keys start or speaker, and text"
            raise UnreadableError(f"{wanted}: {error}") from error
        keys = list(dict.fromkeys(key for record in flat for key in record))
        keys.sort(key=_preference)
        _, unit = told_columns([unhumped(key) for key in keys])
        timecodes = Timecodes.found_in(decoded.text)
        said = (read_row(_cells(each), f"item {at}", timecodes) for at, each in enumerate(records, 1))
        whole = (
            part for row, each in zip(said, records, strict=True) for part in _parts(row, each, timecodes)
        )
        names = _listed_names(value)
        rows = [row._replace(speaker=names.get(row.speaker, row.speaker)) for row in whole if row.text]
        if rows and all(row.start is None and not row.speaker for row in rows):
            raise UnreadableError("has no time that can be read, and no speaker; is it a transcript?")
        structure = read_rows(document, decoded, rows, unit, timecodes)
        language = next((each for key in _LANGUAGES if isinstance(each := beside.get(key), str)), None)
        others = [key for key in keys if not role_of(key)]
        notes = (f"keys left out: {', '.join(others)}",) if others else ()
        signals = replace(structure.signals, notes=(*notes, *structure.signals.notes))
        utterances = tuple(told_apart(structure.utterances, turns_beside(value, outlined)))
        claims = tuple(_claims(beside))
        return replace(
            structure,
            language=language,
            utterances=utterances,
            claims=claims,
            dated=claimed_date(claims),
            signals=covered(signals, utterances),
        )


def turns_beside(value: msgspec.Raw, keys: Outline) -> Sequence[Turn]:
    """Who speaks when, by the only list of objects that say that and no words."""
    path = _only([path for path, names in _lists(keys).items() if _are_turns(path, sorted(names))])
    if path is None:
        return ()
    rows = [read_row(_cells(each), "", None) for each in _objects(value, path)]
    return [
        Turn(row.start, row.until, speaker)
        for row in rows
        if row.start is not None and row.until is not None and (speaker := named(row.speaker))
    ]


def _parts(row: Row, record: Mapping[str, _Value], timecodes: Timecodes | None) -> Iterator[Row]:
    """The row with the words that are listed in it, also as its text where it has no other; or its lines."""
    for value in record.values():
        spoken = _spoken(value, timecodes) if isinstance(value, list) else []
        if not spoken or spoken[0].start is None:
            continue
        if not row.text and any(" " in part.text for part in spoken):
            for part in spoken:
                yield part._replace(where=row.where, speaker=part.speaker or row.speaker)
            return
        told = {part.speaker for part in spoken} - {""}
        turns = [[*run] for _, run in groupby(spoken, attrgetter("speaker"))] if len(told) > 1 else [spoken]
        for said in turns:
            alone = len(turns) == 1
            text = (alone and row.text) or " ".join(part.text for part in said)
            yield row._replace(
                text=text,
                speaker=(alone and (row.speaker or "".join(told))) or said[0].speaker or row.speaker,
                start=row.start if alone and row.start is not None else said[0].start,
                end=row.until if alone and row.until is not None else said[-1].until,
                numeric=row.numeric or (row.start is None and said[0].numeric),
                words=tuple(fitted([Word(part.text, part.start, part.until) for part in said], fold(text))),
            )
        return
    yield row


def _spoken(listed: list[msgspec.Raw], timecodes: Timecodes | None) -> list[Row]:
    try:
        words = msgspec.json.decode(msgspec.json.encode(listed), type=list[dict[str, _Value]])
    except msgspec.ValidationError:
        return []
    return [row for each in words if (row := read_row(_cells(each), "", timecodes)).text]


def _cells(record: Mapping[str, _Value]) -> Mapping[str, str]:
    """What is in a record by the roles of its keys; of several for one, the first that has something."""
    cells = sorted(_flat(record), key=lambda each: _preference(each[0]))
    return {role_of(key): cell for key, cell in reversed(cells) if cell}


def _preference(key: str) -> int:
    """Which of several keys for one role counts: marks beside bare words, and a name before a number."""
    name = key.lower()
    return 2 * (name.endswith("id") or name.startswith("raw")) - name.startswith("punct")


def _listed_names(value: msgspec.Raw) -> Mapping[str, str]:
    """Names of the speakers who are listed beside what they say, by what is there for them."""
    places = [key.removesuffix("[]") for key in outline(value) if key.rpartition(".")[2] == "speakers[]"]
    return {
        key: name
        for each in _objects(value, min(places, default="speakers"))
        if isinstance(number := next((each[key] for key in _KEYS if key in each), None), str | int)
        and (key := named(number))
        and isinstance(name := each.get("speaker_name", each.get("name")), str)
        and fold(name)
    }


def _objects(value: msgspec.Raw, path: str) -> Sequence[Mapping[str, _Value]]:
    """The objects that are listed under a path; none where it has others, or is in each item of a list."""
    try:
        return msgspec.json.decode(inside(value, path), type=list[dict[str, _Value]])
    except msgspec.ValidationError, KeyError, ValueError:
        return ()


def _beside(value: msgspec.Raw) -> Mapping[str, _Value]:
    """What stands beside the list."""
    if not bytes(value).lstrip().startswith(b"{"):
        return {}
    return msgspec.json.decode(value, type=dict[str, _Value])


def _claims(beside: Mapping[str, _Value]) -> Iterator[Claim]:
    for key, each in beside.items():
        if isinstance(each, str):
            yield from field_claims(unhumped(key), each, key)


def _place(keys: Outline) -> str | None:
    """The path of the only list of objects that are speech; of words and what they make, of the latter."""
    return _only([path for path, names in _lists(keys).items() if _are_speech(sorted(names))])


def _only(paths: Sequence[str]) -> str | None:
    """The only one of paths, or the only one that is not of words."""
    found = [path for path in paths if "word" not in path.lower()] or paths
    return found[0] if len(found) == 1 else None


def _lists(keys: Outline) -> Mapping[str, set[str]]:
    """The lists of objects, by their paths, and what their keys are called; lines in them are their text."""
    lists: dict[str, set[str]] = {}
    parts: dict[tuple[str, str], set[str]] = {}
    for key in keys:
        path, inner, name = key.partition("[].")
        holder, within, word = name.partition("[].")
        if within and "[]" not in word:
            parts.setdefault((path, holder), set()).add(role_of(word.partition(".")[0]))
        if inner and "[]" not in path + name and (f"{key}[]" not in keys or role_of(name) == "start"):
            lists.setdefault(path, set()).add(unhumped(name.rpartition(".")[2]))
            if f"{key}[]" in keys:
                lists[path].add("end")  # a pair
    for (path, holder), roles in parts.items():
        if "text" in roles and ("start" in roles or role_of(holder) == "text"):
            lists.setdefault(path, set()).update(roles & {"text", "start", "end"})
    return lists


def _are_turns(path: str, names: list[str]) -> bool:
    columns, _ = told_columns(names)
    if "text" in columns or not columns.keys() >= {"start", "speaker"} or columns.keys().isdisjoint(_ENDS):
        return False
    return names[columns["speaker"]] not in VAGUE or "speaker" in path  # others are of chapters


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


@lru_cache(2**10)
def role_of(key: str) -> str:
    """What a key has of speech, as the columns of a table do; empty for anything else."""
    return next(iter(told_columns([unhumped(key)])[0]), "")


def _flat(record: Mapping[str, _Value]) -> Iterator[tuple[str, str]]:
    """The plain values as text: of pairs and objects of times, those in them; of a speaker's, the name."""
    for key, value in record.items():
        role = role_of(key)
        inner: Mapping[str, _Value] = _values(value) if isinstance(value, dict) else {}
        if role == "speaker":
            value = next((inner[name] for name in _NAMES if name in inner), value)  # noqa: PLW2901 - its name
            yield key, (named(value) or "") if isinstance(value, str | int) else ""
        elif inner and role in {"start", "end"} and not any(map(role_of, inner)):
            yield key, _cell(next(iter(inner.values())))  # of several clocks, the first
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
