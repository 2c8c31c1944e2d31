"""What stands before a colon, or in brackets: a name, a word or a phrase, by its form alone.

Letters are told by their Unicode category, so that every script has names: a small letter of whatever
alphabet begins none, a script without case has neither, and combining vowels belong to the letter before
them. The words that introduce something else than speech are listed for the languages that most podcasts are
in.
"""

import enum
import unicodedata
from functools import lru_cache
from typing import Final

from episodic.canonical.normalizers.field_names import FIELDS
from episodic.canonical.normalizers.speech.lexicon import (
    CREDITS,
    DETERMINERS,
    LEADS,
    PARTICLES,
    PARTS,
    PRONOUNS,
    ROLES,
    SAYING,
    SMALL,
    SOUNDS,
    SPEAKERS,
)
from episodic.canonical.text.patterns import pattern


class Standing(enum.IntEnum):
    """How much a label looks like somebody's name; the more, the less evidence it needs beside its form."""

    NONE = 0  # never speaks: a sentence, "Note", a sound
    NICKNAME = 1  # small letters, as people call themselves in video calls: "ada", "bob's iPhone"
    PHRASE = 2  # a capital and words that are none: "Audience member", "The narrator", "Transcriber"
    WORD = 3  # one word, or a script without capitals: "Maya", "Spoiler", "主持人"
    NAME = 4  # several that all begin like names, or a numbered speaker: "Maya Okafor", "SPEAKER_00"


# What people or tools put after names in calls: "Tomas (he/him)", "Tomas Reed (harbour.example)".
_BEHIND: Final = pattern(
    r"(?<=\w)\s*\((?:\w{1,6}(?:\s?/\s?\w{1,6}){1,3}|[\w-]{1,40}(?:\.[\w-]{2,20}){1,3})\)$"
)
_LONGEST: Final = 60
_MOST_WORDS: Final = 6
_SMALL: Final = 2  # letters of a word as "is", "to", "om"
# In front of the time or the words of a line, some write numbers with a sign.
_NUMBER_SIGNS: Final = "#\u2116_.-"
_INSIDE: Final = frozenset(
    " .'\u2019\u2018`\u00b7\u30fb-\u2010\u2011_&$@#\u2116/(),\u00aa\u00ba\"\u05f3\u05f4\u0f0b"
)


@lru_cache(1024)  # labels come again and again
def standing(name: str) -> Standing:
    """How much the form of a label is a name's."""
    name = unicodedata.normalize("NFC", name)  # as words are listed
    if name.endswith(")"):
        name = _BEHIND.sub("", name)
    if len(name) > _LONGEST:
        return Standing.NONE
    words = name.split()
    lowered = name.casefold()
    if lowered.endswith(" ?") and lowered.removesuffix(" ?") in SPEAKERS:
        return Standing.NAME  # whisper.cpp's, of whom it does not know
    if not words or len(words) > _MOST_WORDS or not _is_plain(name):
        return Standing.NONE
    if is_numbered_speaker(lowered):
        return Standing.NAME
    if is_credit(name) or (len(words) > _SMALL and lowered in ROLES):
        return Standing.PHRASE
    if _introduces(lowered, words) or _is_sound(name):
        return Standing.NONE
    letters = [next((char for char in word if char.isalpha()), "") for word in words]
    if any(map(_is_georgian, letters)):
        return _without_case(name, words)
    if not any(char.isalpha() for char in name):
        return Standing.NONE
    first = letters[0] or words[0][0]
    if first.islower():
        return Standing.NICKNAME if len(words) <= 4 else Standing.NONE
    if is_caseless(name):
        return _without_case(name, words)
    if len(words) > 1 and name.isupper() and words[-1].casefold() in SAYING:  # or it is Edward Said
        return Standing.NONE if words[0].casefold() in LEADS | PRONOUNS | DETERMINERS else Standing.PHRASE
    if words[0].casefold() in DETERMINERS and (len(words) > 1 or not name.isupper()):
        return Standing.WORD if name.isupper() and len(words) > 1 else _phrase(words)  # "THE COURT"
    small = [word for word, letter in zip(words[1:], letters[1:], strict=True) if _is_small(word, letter)]
    if small:
        known = any(word.casefold().strip("()") in PARTS for word in words)
        return Standing.NAME if known and len(words) <= 4 else _phrase(words, 3)
    return Standing.NAME if len(words) > 1 else Standing.WORD


def is_caseless(name: str) -> bool:
    """Whether a name has no capital; small letters begin none, so that its script has no case."""
    return not any(char.isupper() or char.istitle() for char in name)


def is_credit(name: str) -> bool:
    """Whether a label says who made the text."""
    lowered = name.casefold()
    return lowered in CREDITS or (lowered.partition(" ")[0] in CREDITS and lowered not in PARTS)


def _is_sound(name: str) -> bool:
    """Whether something in brackets is heard and not said."""
    lowered = name.casefold().strip("*\u266a ")
    words = lowered.split(" ")
    return lowered in SOUNDS or words[-1] in SOUNDS or words[0] == "soundbite"


def _is_plain(name: str) -> bool:
    """Whether all characters are those of words, and none ends a sentence."""
    for char in name:
        if not (char.isalnum() or char in _INSIDE or char.isspace() or unicodedata.category(char)[0] == "M"):
            return False
    if name.count("(") != name.count(")") or name[-1] in ",&/-" or "--" in name:
        return False
    return all(word[-1] != "." or _is_abbreviation(word.strip(".")) for word in name.split())


def _is_abbreviation(word: str) -> bool:
    """Whether a full stop belongs to a word, and ends no sentence: "Dr.", "J.", "St."."""
    return len(word) <= 1 or (len(word) <= 4 and word[0].isupper())


def is_numbered_speaker(lowered: str) -> bool:
    """Whether a label is as "Speaker 1", "SPEAKER_00", "Speaker A", "화자 1", in small letters."""
    head = lowered.rstrip("0123456789").rstrip(f" {_NUMBER_SIGNS}")
    if head in SPEAKERS and head != lowered:
        return True
    head, _, tail = lowered.rpartition(" ")
    return head in SPEAKERS and len(tail) == 1


def _introduces(lowered: str, words: list[str]) -> bool:
    """Whether a label is, or ends or begins with, a word that introduces something."""
    capitals = all(map(str.isupper, words))
    if lowered in ROLES or (
        capitals and words[-1].casefold() in SMALL
    ):  # "IT" is Ivan Torres, "DIE ZEIT" a paper
        return False
    plain = lowered.strip("()#. 0123456789")
    if plain in LEADS or plain in FIELDS:
        return True
    if len(words) == 1:
        return False
    last, first = words[-1].casefold(), words[0].casefold()
    return last in LEADS or (first in LEADS and not last.isalpha())


def _is_georgian(letter: str) -> bool:
    """Whether Unicode gives a letter a capital that only headlines have: names begin with the small one."""
    return "\u10d0" <= letter <= "\u10ff"


def _is_small(word: str, letter: str) -> bool:
    return letter.islower() and word.casefold().strip("'\u2019.") not in PARTICLES


def _phrase(words: list[str], most: int = 4) -> Standing:
    """Judge words of which only the first has a capital: what ends with a small word goes on after it."""
    last = words[-1]
    goes_on = len(last) <= _SMALL and last.islower() and last not in PARTS
    return Standing.NONE if goes_on or len(words) > most else Standing.PHRASE


def _without_case(name: str, words: list[str]) -> Standing:
    """Judge a label in a script without capitals: at most four words, or twelve characters without spaces."""
    letters = sum(map(str.isalnum, name))  # without the vowels and tones of Thai, which stand above others
    if len(words) > 4 or (len(words) == 1 and letters > 14):
        return Standing.NONE
    said = name not in ROLES and any(word.endswith(tuple(SAYING)) for word in words)
    return Standing.NONE if said else Standing.WORD
