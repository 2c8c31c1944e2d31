"""Source types stand in one table; what people and schemas are told of them agrees with it."""

import inspect
import pickle
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

from episodic.canonical import tei
from episodic.canonical.normalizers.detection import type_hint
from episodic.canonical.sources import SourceType
from episodic.cli.sources import Asked

GUIDE = Path(__file__).parents[2] / "docs" / "users-guide.md"


def test_the_help_names_them_all() -> None:
    text = " ".join((inspect.getdoc(Asked) or "").split())
    assert f"a source whose type is given: {', '.join(SourceType)}." in text


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


def test_the_profile_of_the_documents_knows_them() -> None:
    schema = etree.fromstring((files(tei) / "profile.rng").read_bytes())
    names = {"rng": "http://relaxng.org/ns/structure/1.0"}
    known = schema.xpath("//rng:define[@name='sourceType']//rng:value/text()", namespaces=names)
    assert known == list(SourceType)


@pytest.mark.parametrize("known", SourceType)
def test_a_file_s_name_speaks_of_them(known: SourceType) -> None:
    for name in known.names:
        assert type_hint(f"ep12-{name}.txt") is known


def test_a_member_is_one_wherever_it_goes() -> None:
    for known in SourceType:
        assert pickle.loads(pickle.dumps(known)) is SourceType(known.value) is known
