"""Settings from the environment."""

from dataclasses import fields

import pytest

from episodic.canonical.errors import SettingsError
from episodic.canonical.limits import Limits
from episodic.settings import Settings, load


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load({}) == Settings()


def test_values_are_read_by_their_names_and_types() -> None:
    found = load({"EPISODIC_CONCURRENCY": "3", "EPISODIC_SOURCE_TIMEOUT": "1.5", "HOME": "/x"})
    assert (found.concurrency, found.source_timeout) == (3, 1.5)


def test_every_limit_is_a_setting() -> None:
    limits = {limit.name: 7 for limit in fields(Limits)}
    assert load({f"EPISODIC_{name.upper()}": "7" for name in limits}).limits == Limits(**limits)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("EPISODIC_CONCURRENCY", "many", "EPISODIC_CONCURRENCY is 'many'; it must be a number"),
        ("EPISODIC_CONCURRENCY", "0", "EPISODIC_CONCURRENCY is 0; it must be above 0"),
        (
            "EPISODIC_PARSE_SECONDS",
            "inf",
            "EPISODIC_PARSE_SECONDS is inf; it must be .*, and 1,000,000,000 at most",
        ),
        ("EPISODIC_PARSE_SECONDS", "nan", "EPISODIC_PARSE_SECONDS is nan; it must be above 0"),
        ("EPISODIC_WORKER_BYTES", "9" * 30, "it must be above 0, and 1,000,000,000,000 at most"),
        ("EPISODIC_CONCURENCY", "3", "EPISODIC_CONCURENCY is not a setting; there is .*EPISODIC_CONCURRENCY"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load({name: value})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ada:s3cr3t@db/episodic",
        "postgresql://ada:s3/cr3t@db/episodic",
        "postgresql://ada:s3:cr3t@db/episodic",
        "postgresql://db/episodic?user=ada&password=s3cr3t",
    ],
)
def test_the_place_of_the_database_hides_its_password(url: str) -> None:
    assert load({"EPISODIC_DATABASE_URL": url}).store_place == "postgresql://db/episodic"
