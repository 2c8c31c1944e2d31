"""Front matter: the YAML between two rules at the head of a text, in whatever format the text itself is.

It claims things of the episode and is never speech. `split` finds it in the bytes, so that a format is asked
about, and reads, what stands below; blank lines take its place, and places keep their numbers. Its values are
text as YAML 1.2 folds it (section 7.3), never dates, numbers or truths of YAML's own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from episodic.canonical.normalizers.decoding import byte_order_mark, decode
from episodic.canonical.normalizers.format import Document, Format, Structure
from episodic.canonical.normalizers.json_text import unhumped
from episodic.canonical.normalizers.statements import claimed_date, field_claims
from episodic.canonical.sources import Claim, ClaimField, Doubt
from episodic.canonical.text.patterns import pattern

if TYPE_CHECKING:
    import yaml

# Between two lines, of which the first may also be a rule: then no key follows it.
_FRONT: Final = pattern(
    rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?=(?:#[^\n]*\n)*[\w\"'\x80-\xff][^\n:]*:\s)"
    rb"(?P<body>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
)
_ENDS: Final = pattern(rb"\r+\n|\r")  # of lines, also of old Macs, and where each was written twice
_MOST_BYTES: Final = 64 * 2**10  # of people's own writing; what is longer is no front matter
_MOST_VALUES: Final = 1000  # aliases can multiply what is written once
_KEY: Final = pattern(r"(?P<key>[\w\"'][^:\n]{0,60}):[ \t]+(?P<value>\S.*)")
# What people write most often that is no YAML: ``title: First Light: a tower``.
_COLON_INSIDE: Final = pattern(
    r"""^(?P<key>[ \t-]*[\w -]{1,60}:[ \t]+)(?P<value>[^\s'"\[{|>&*!%@`#][^\n]*?:[ \t][^\n]*?)[ \t]*$""",
    re.MULTILINE,
)
# Keys of people in whatever role, and the label that claims them.
_PEOPLE: Final = frozenset({"people", "panel", "cast", "speakers", "participants", "contributors"})
_ANYONE: Final = "participant"
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_LANGUAGES: Final = frozenset({"lang", "language", "locale"})


def split(data: bytes) -> tuple[bytes, bytes]:
    """The bytes of the front matter, empty for none, and of the text, with blank lines in their place."""
    mark, encoding = byte_order_mark(data)
    if mark and encoding != "utf-8":
        head = data[len(mark) : 2 * _MOST_BYTES].decode(encoding, errors="replace")
        if head.startswith("---"):
            data = data[len(mark) :].decode(encoding, errors="replace").encode()
    if data.startswith((b"---\r", b"\xef\xbb\xbf---\r")):
        data = _ENDS.sub(b"\n", data)
    found = _FRONT.match(data, 0, _MOST_BYTES)
    if found is None:
        return b"", data
    return found["body"], b"\n" * found[0].count(b"\n") + data[found.end() :]


def read_with_front_matter(known: Format, document: Document) -> Structure:
    """Read a document in its format, and what its front matter claims; raises `SourceError`."""
    with document.named_in_errors():
        front, below = split(document.data)
        if not front:
            return known.read(document)
        values, doubts = _read(decode(front).text)
        claims = tuple(
            claim for key, value, line in values for claim in field_claims(key, value, f"line {line}")
        )
        language = next((value for key, value, _ in values if key in _LANGUAGES), None)
        structure = known.read(replace(document, data=below)) if below.strip() else Structure()
        trusted = any(key == "trusted" and value.lower() in _TRUE for key, value, _ in values)
        return replace(
            structure,
            language=structure.language or language,
            dated=structure.dated or claimed_date(claims),
            claims=(*claims, *_others(structure, claims)),
            signals=replace(structure.signals, doubts=(*doubts, *structure.signals.doubts), trusted=trusted),
        )


def _others(below: Structure, front: Sequence[Claim]) -> Iterator[Claim]:
    """The claims of a text; above speech, the front matter's title is the only one."""
    titled = bool(below.utterances) and any(claim.field is ClaimField.TITLE for claim in front)
    return (claim for claim in below.claims if not (titled and claim.field is ClaimField.TITLE))


def _read(text: str) -> tuple[list[tuple[str, str, int]], tuple[Doubt, ...]]:
    """Each value with its key and its line, and what to say where that took more than YAML."""
    import yaml

    line = ""
    for attempt, remedy in (
        (text, ""),
        (_COLON_INSIDE.sub(_quoted, text), "values with colons were read as text"),
    ):
        try:
            values = list(_values(yaml.compose(attempt, Loader=yaml.BaseLoader)))
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            line = line or (f" at line {mark.line + 2}" if mark is not None else "")
        else:
            return values, (
                (Doubt.guessed(f"front matter is not valid YAML{line}; {remedy}"),) if remedy else ()
            )
    note = f"front matter is not valid YAML{line}; only its plain lines were read"
    return list(_lines(text)), (Doubt.left_out(note),)


def _quoted(found: re.Match[str]) -> str:
    return f"{found['key']}'{found['value'].replace("'", "''")}'"


def _values(root: yaml.Node | None) -> Iterator[tuple[str, str, int]]:
    """Each value with its key and its line: the items of a list have the list's key, a person is its name."""
    import yaml

    pending: list[tuple[str, yaml.Node | None]] = [("", root)]
    for _ in range(_MOST_VALUES):
        if not pending:
            return
        key, node = pending.pop()
        if isinstance(node, yaml.SequenceNode):
            pending.extend((key, item) for item in reversed(node.value[:_MOST_VALUES]))
        elif isinstance(node, yaml.MappingNode):
            inside = {
                unhumped(name.value): value for name, value in node.value if isinstance(name, yaml.ScalarNode)
            }
            if key and "name" in inside:
                role = inside.get("role")
                key = role.value.lower() if isinstance(role, yaml.ScalarNode) and key in _PEOPLE else key
                inside = {key: inside["name"]}
            pending.extend(reversed(inside.items()))
        elif isinstance(node, yaml.ScalarNode) and node.value.strip():
            yield (_ANYONE if key in _PEOPLE else key), node.value, node.start_mark.line + 2
    raise ValueError("more values than front matter has")


def _lines(text: str) -> Iterator[tuple[str, str, int]]:
    for number, line in enumerate(text.split("\n"), 2):
        if match := _KEY.fullmatch(line.rstrip()):
            yield unhumped(match["key"].strip("\"'")), match["value"].strip("\"'"), number
