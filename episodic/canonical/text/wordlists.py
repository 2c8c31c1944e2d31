"""Lists of words, and tables of what words stand for, written as text."""

from collections.abc import Mapping


def word_list(text: str) -> frozenset[str]:
    """Give the words of a text; an underscore stands for a space."""
    return frozenset(word.replace("_", " ") for word in text.split())


def by_name[Kind](names: Mapping[Kind, str]) -> dict[str, Kind]:
    """Give what each name stands for; the names for one thing are divided by commas."""
    return {" ".join(name.split()): kind for kind, every in names.items() for name in every.split(",")}
