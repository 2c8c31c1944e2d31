import gc
import re
from importlib import import_module
from pathlib import Path

import pytest

import episodic
from episodic.canonical.text.patterns import Expression, pattern

ROOT = Path(episodic.__file__).parent


def test_a_pattern_does_what_a_compiled_one_does() -> None:
    made = pattern(r"(?P<name>[a-z]+)!", re.IGNORECASE)
    compiled = re.compile(r"(?P<name>[a-z]+)!", re.IGNORECASE)

    for _ in range(2):  # as it was made, and as it was used
        assert made.sub("?", "Hey! you!") == compiled.sub("?", "Hey! you!") == "? ?"
        assert (made.pattern, made.flags, made.groupindex) == (
            compiled.pattern,
            compiled.flags,
            compiled.groupindex,
        )
        found = made.fullmatch("Hey!")
        assert found is not None
        assert found["name"] == "Hey"
    assert pattern(rb"\d+").findall(b"1 and 22") == [b"1", b"22"]


def test_a_mistake_in_one_is_found_when_it_is_used() -> None:
    broken = pattern("(")

    with pytest.raises(re.PatternError):
        broken.match("")


def test_all_that_there_are_can_be_compiled() -> None:
    for file in ROOT.rglob("*.py"):
        module = file.relative_to(ROOT.parent).with_suffix("")
        if not {"migrations", "__main__"} & set(module.parts):
            import_module(".".join(module.parts))
    gc.collect()  # the broken one above
    found = [each for each in gc.get_objects() if type(each) is Expression]

    assert len(found) > 200  # they are there to be found
    for each in found:
        assert each.flags is not None, each.pattern
