"""Claims in labelled lines of prose."""

from episodic.canonical.normalizers.statements import labelled_claims


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
