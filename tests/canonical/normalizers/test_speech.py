"""Speech in equals speech out: every word in order, and no speaker that was not written as one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.canonical.normalizers.conversations import LANGUAGES, WRITERS, heard, make, spoken_in


@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_conversation_comes_out_as_it_went_in(seed: int) -> None:
    """In any format and script, named or not, damaged or not."""
    made = make(seed)
    assert heard(made) == spoken_in(made.talk), made.how


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_keeps_every_script(kind: str) -> None:
    for number, tongue in enumerate(LANGUAGES):
        made = make(number, kind=kind, tongue=tongue)
        assert heard(made) == spoken_in(made.talk), made.how
