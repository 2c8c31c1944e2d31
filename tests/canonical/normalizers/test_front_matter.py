"""Front matter: what hostile or careless YAML costs, and that no word of it is spoken."""

import pytest

from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.front_matter import read_with_front_matter, split
from episodic.canonical.normalizers.registry import find_format
from episodic.canonical.sources import ClaimField

BODY = "Maya: Good evening.\nTomas: Mind the step.\nMaya: Thank you.\n"
LAUGHS = "a: &a [x, x, x]\n" + "".join(
    f"{key}: &{key} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, key in zip("abcdefghij", "bcdefghijk", strict=True)
)


def read(front: str) -> tuple[dict[ClaimField, str], list[str], tuple[str, ...]]:
    document = Document("talk.txt", f"---\n{front}\n---\n{BODY}".encode())
    structure = read_with_front_matter(find_format(document), document)
    claims = {claim.field: claim.value for claim in structure.claims}
    return (
        claims,
        [said.text for said in structure.utterances],
        tuple(doubt.text for doubt in structure.signals.doubts),
    )


@pytest.mark.parametrize(
    "front",
    [
        f"title: First Light\n{LAUGHS}",
        f"title: First Light\nlinks: {'[' * 5000}",
        "title: First Light\n\tdescription: tab\n- no list",
        "title: First Light\nsecret: !!python/object/apply:os.system [ls]",
        "title: First Light\ndescription: %nothing",
    ],
    ids=["aliases", "depth", "broken", "tags", "reserved"],
)
def test_whatever_the_yaml_is_the_title_is_read_and_none_of_it_is_spoken(front: str) -> None:
    claims, said, _ = read(front)
    assert claims[ClaimField.TITLE] == "First Light"
    assert said == ["Good evening.", "Mind the step.", "Thank you."]


def test_what_is_no_yaml_is_said_with_its_line() -> None:
    *_, notes = read("number: 3\ntitle: First Light: a tower")
    assert notes == ("front matter is not valid YAML at line 3; values with colons were read as text",)
    *_, notes = read("title: First Light\nlinks: [")
    assert "only its plain lines were read" in notes[0]
    *_, notes = read("title: First Light")
    assert notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA rule, and then prose: with a colon.\n\n---\n",
        "----\ntitle: x\n----\n",
        "---\ntitle: never closed\n",
        "Some words\n---\ntitle: x\n---\n",
    ],
)
def test_rules_are_no_front_matter(text: str) -> None:
    assert split(text.encode()) == (b"", text.encode())


def test_byte_order_marks_are_no_hindrance() -> None:
    text = f"---\ntitle: Erste Lichter\n---\n{BODY}"
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        front, below = split(text.encode(encoding))
        assert front == b"title: Erste Lichter\n"
        assert below.decode() == "\n\n\n" + BODY


@pytest.mark.parametrize("end", ["\r", "\r\n", "\r\r\n"])
def test_front_matter_is_found_however_lines_end(end: str) -> None:
    front, below = split(f"---\ntitle: First Light\n---\n{BODY}".replace("\n", end).encode())
    assert front == b"title: First Light\n"
    assert below == b"\n\n\n" + BODY.encode()
