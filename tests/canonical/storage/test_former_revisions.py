"""What revisions of former versions hold, and how it is read now."""

import msgspec
import pytest
from sqlalchemy.dialects import sqlite

from episodic.canonical.document import Authority, Reading, Variation, Verdict
from episodic.canonical.resolved import Decision, Ground
from episodic.canonical.storage.column_types import compressed
from episodic.canonical.storage.tables import REVISIONS

BETWEEN = Variation(Reading("lamp", ("s1",), 620), (Reading("lamb", ("s2",), 480),))
DECIDED = Variation(BETWEEN.lemma, BETWEEN.others, verdict=Verdict(Authority.DECISION, "ed-ada", "Ada"))


@pytest.mark.parametrize(
    ("reason", "variation", "ground"),
    [
        ("s2 is trusted", BETWEEN, Ground.TRUST),
        ("0.6 for it, 0.4 for the strongest other; s12 seems to be edited by a person", BETWEEN, Ground.HAND),
        ("s2 copies s1 in other packaging; they vote once, with 0.620", BETWEEN, Ground.COPY),
        ("0.6 for it, 0.4 for the strongest other", BETWEEN, None),
        ("decided by Ada: s2 is trusted", BETWEEN, None),
        ("s2 is trusted", DECIDED, None),
    ],
)
def test_grounds_that_were_words_alone_are_found_in_them(
    reason: str, variation: Variation, ground: Ground | None
) -> None:
    (kept,) = msgspec.to_builtins([Decision("transcript", "0:00:01/00000000", variation, reason)])
    del kept["ground"]
    row = compressed(msgspec.json.encode([kept]))
    read = REVISIONS.c.decisions.type.result_processor(sqlite.dialect(), None)
    assert read is not None
    assert read(row) == (Decision("transcript", "0:00:01/00000000", variation, reason, ground=ground),)
