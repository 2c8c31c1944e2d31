"""Claims in labelled lines and in lists of prose."""

from episodic.canonical.normalizers.documents.people import listed_people
from episodic.canonical.normalizers.statements import labelled_claims
from episodic.canonical.sources import Passage, PassageKind


def people(line: str) -> list[tuple[str, str | None]]:
    return [(claim.value, claim.qualifier) for claim in labelled_claims([line], "line 1")]


def test_several_roles_in_a_line_are_told_apart_and_what_somebody_is_is_nobody() -> None:
    assert people("Guest: Otto Berg, potter. Host: Priya Raman.") == [
        ("Otto Berg", "guest"),
        ("Priya Raman", "host"),
    ]
    assert people("Guests: Ada Lovelace and Bab, Cid; Producer: 田中") == [
        ("Ada Lovelace", "guest"),
        ("Bab", "guest"),
        ("Cid", "guest"),
        ("田中", "producer"),
    ]
    assert people("Host: ada, bab") == [("ada", "host"), ("bab", "host")]


def listed(*lines: str) -> list[tuple[str, str | None]]:
    """Tell the people of passages as Markdown marks them, two spaces a depth."""
    marks = {"#": PassageKind.HEADING, "-": PassageKind.LIST_ITEM, "": PassageKind.PARAGRAPH}
    passages: list[Passage] = []
    for line in lines:
        bare = line.lstrip()
        mark = bare[0] if bare[0] in marks else ""
        passages.append(
            Passage(
                marks[mark],
                bare.removeprefix(mark).strip(),
                "line",
                bool(mark) + (len(line) - len(bare)) // 2,
            )
        )
    return [(claim.value, claim.qualifier) for claim in listed_people(passages)]


def test_a_list_of_people_says_their_roles_behind_their_names() -> None:
    assert listed(
        "- Ada Lind, host", "- Bo Ek (guest)", "- Cid Ask \u2014 Producer and host", "- Eva Lo: Gast"
    ) == [
        ("Ada Lind", "host"),
        ("Bo Ek", "guest"),
        ("Cid Ask", "producer"),
        ("Eva Lo", "guest"),
    ]
    assert listed("- 田中花子（司会）", "Анна Белова, ведущая") == [
        ("田中花子", "host"),
        ("Анна Белова", "host"),
    ]
    assert not listed(
        "- Bread, guest", "- It was cold, host", "- New York, host of games", "- Eva Lo, author"
    )


def test_a_list_of_people_says_their_role_above_them() -> None:
    found = listed(
        "# Gäste", "- Ada Lind, poet of the sea", "- Send directions", "- Water", "Ann Bell", "- Cid Ask"
    )
    assert found == [("Ada Lind", "guest")]
    assert listed("- Guests", "  - Ada Lind", "- Cid Ask") == [("Ada Lind", "guest")]
