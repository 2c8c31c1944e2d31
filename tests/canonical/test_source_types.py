"""Source types stand in one table; what people and schemas are told of them agrees with it."""

import pickle
from pathlib import Path

import pytest

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.normalizers.detection import type_hint
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Passage, PassageKind, SourceType
from episodic.canonical.tei import profile
from episodic.canonical.tei.elements import parse
from episodic.canonical.tei.writer import write
from episodic.canonical.weighting import weigh
from episodic.cli import main
from tests.canonical.making import edition, source

POLICY = SeriesPolicy()
GUIDE = Path(__file__).parents[2] / "docs" / "users-guide.md"


def test_the_help_names_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert f"a source whose type is given: {', '.join(SourceType)}." in told


def test_the_guide_has_their_table() -> None:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in GUIDE.read_text().splitlines()
        if line.startswith("| `")
    ]
    told = {row[0].strip("`"): row[1:] for row in cells}
    for known in SourceType:
        what, reliability, names = told[known.value]
        assert (what, float(reliability)) == (known.description, known.reliability)
        assert {name.strip() for name in names.split(",")} - {""} == known.names


@pytest.mark.parametrize("known", [*SourceType, "nothing"])
def test_the_profile_of_the_documents_has_them_and_no_other(known: str) -> None:
    passage = Passage(PassageKind.PARAGRAPH, "One.", "line 1")
    brief = source(source_type=SourceType.BRIEF, passages=[passage])
    document = write(resolve(weigh([brief], POLICY), POLICY), edition())
    assert document.count(b'type="brief"') == 2
    faults = profile.faults(parse(document.replace(b'type="brief"', f'type="{known}"'.encode())))
    assert bool(faults) is (known == "nothing")


@pytest.mark.parametrize("known", SourceType)
def test_a_file_s_name_speaks_of_them(known: SourceType) -> None:
    for name in known.names:
        assert type_hint(f"ep12-{name}.txt") is known


def test_a_member_is_one_wherever_it_goes() -> None:
    for known in SourceType:
        assert pickle.loads(pickle.dumps(known)) is SourceType(known.value) is known
