"""The JSON of an episode and the schema that is published of it."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from episodic.publishing.everything import Everything, schema
from tests.cli.program import Run
from tests.cli.sample import ingest_sample

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "episode.schema.json"


# Its types know overloads whose arguments nobody has typed.
VALIDATOR: Any = Draft202012Validator(json.loads(PUBLISHED.read_text()))


def test_the_published_schema_is_a_schema_and_refuses_what_is_none_of_ours() -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)
    assert not VALIDATOR.is_valid({"episode": "lantern-hour/first-light"})
    assert not VALIDATOR.is_valid([])


@pytest.mark.parametrize("place", ["first", "last"])
def test_what_is_of_another_kind_does_not_keep_the_schema(run: Run, place: str) -> None:
    ingest_sample(run)
    printed = json.loads(run("show", "lantern-hour/first-light", "--format", "json").out)
    said = printed["utterances"][0 if place == "first" else -1]
    said["start"] = "0:00:01"
    assert [error.json_path for error in VALIDATOR.iter_errors(printed)] != []


def test_the_published_schema_is_that_of_the_types() -> None:
    assert PUBLISHED.read_bytes() == schema()


def test_every_word_of_the_schema_is_described_and_required() -> None:
    described = json.loads(PUBLISHED.read_text())["$defs"]
    assert described["Everything"]["required"] == list(Everything.__dataclass_fields__)


@pytest.mark.parametrize("more", [(), ("--witness", "s3")])
def test_what_show_prints_keeps_the_schema(run: Run, more: tuple[str, ...]) -> None:
    ingest_sample(run)
    run("decide", "lantern-hour/first-light", "speaker 0:00:05", "--text", "Tomas Lindqvist", "--by", "Maya")
    printed = run("show", "lantern-hour/first-light", "--format", "json", *more).out
    VALIDATOR.validate(json.loads(printed))
    found = msgspec.json.decode(printed, type=Everything)
    assert json.loads(msgspec.json.encode(found)) == json.loads(printed)  # nothing besides
    assert found.recordings[0].url.endswith(".mp3")
    assert {"season", "published"} & {each.field for each in found.fields}
    assert {role for each in found.people for role in each.roles} >= {"host", "guest"}
    assert "Maya" in {each.by for each in found.decisions}
    first = found.utterances[0]
    assert first.words[0].start == first.start
    assert " ".join(word.text for word in first.words) == first.text
