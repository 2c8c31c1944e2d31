"""The clean text of a series: what was voted, without what speakers did not mean to say.

1. Fillers of the language's table go: "um". One in capitals is a name ("the ER"), one joined to a word is a
   part of it ("uh-huh"), one right after a number is a unit ("5 mm"): these stay.
2. Of one to three function words that are said again at once, fillers or not between them, the last stand:
   "in the, uh, in the" is "in the". What rightly stands twice (`Language.doubled`) stays: "that that".
3. A word that broke off goes where the next one begins with it: "th- the".
4. The mark that ends a sentence moves to the word before, the capital that begins one to the word after. No
   comma stays behind a function word, or at the end, when what followed it is gone.
5. Nothing goes over the bounds of an utterance or a sentence. An utterance of fillers alone is an answer.

An utterance in English, and what is left of each form:

    Um,  so  the,  the  lamp,  uh.
    -    So  -     the  lamp.  -
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from episodic.canonical.resolution.transcripts.language_tables import Language
from episodic.canonical.resolution.transcripts.spelling import ends_sentence, is_capital, mark_of
from episodic.canonical.text.tokens import key

_LONGEST: Final = 3  # words that are said again
_BROKEN: Final = ("- ", "\N{HYPHEN} ")


def clean(forms: Sequence[str], language: Language) -> list[str]:
    """Give the forms of an utterance as a clean text has them, empty where they are left out."""
    words = [at for at, form in enumerate(forms) if key(form)]
    heard = [at for last, at in pairwise((-1, *words)) if not _is_filler(forms, last, at, language)]
    gone = set(_said_again(forms, heard, language))
    kept = [at for at in heard if at not in gone]
    made = list(forms)
    if not kept or len(kept) == len(words):
        return made
    for before, after in pairwise((-1, *kept, len(forms))):
        left_out = words[bisect_right(words, before) : bisect_left(words, after)]
        if not left_out:
            continue
        made[left_out[0] : after] = [""] * (after - left_out[0])
        ends = [at for at in (before, *left_out) if at < 0 or _stops(forms[at])]
        if not ends:
            leads_on = key(forms[before]) in language.functions - language.doubled
            if mark_of(forms[before]) == "," and (leads_on or after == len(forms)):
                made[before] = _marked(made[before], "")
            continue
        if before not in ends:
            made[before] = _marked(made[before], mark_of(forms[ends[0]]))
        if after < len(forms):
            first = next((at for at in left_out if at > ends[-1]), after)
            made[after] = _begun(forms[after], forms[first])
    return made


def _is_filler(forms: Sequence[str], last: int, at: int, language: Language) -> bool:
    """Whether a form, before which another may stand, is no word."""
    form = forms[at]
    if key(form) not in language.fillers or form.isupper() or form == form.rstrip():
        return False
    return last < 0 or (forms[last] != forms[last].rstrip() and not forms[last].rstrip()[-1:].isdigit())


def _said_again(forms: Sequence[str], heard: Sequence[int], language: Language) -> Iterator[int]:
    """Yield the words that are said again, or whole, right after."""
    done = 0
    for number, at in enumerate(heard):
        if number + 1 < len(heard) and forms[at].endswith(_BROKEN):
            whole = key(forms[heard[number + 1]])
            if whole.startswith(key(forms[at])):
                yield at
                continue
        if number < done:
            continue
        for length in range(_LONGEST, 0, -1):
            one, other = heard[number : number + length], heard[number + length : number + 2 * length]
            if len(other) == length and _are_again(forms, one, other, language):
                yield from one
                done = number + length
                break


def _are_again(forms: Sequence[str], one: Sequence[int], other: Sequence[int], language: Language) -> bool:
    """Whether words are function words that the next ones only say again."""
    said = [key(forms[at]) for at in one]
    if said != [key(forms[at]) for at in other] or any(map(_stops, forms[one[0] : other[0]])):
        return False
    if not all(language.expansions.get(word, (word,))[0] in language.functions for word in said):
        return False
    if said[-1] in language.doubled:
        return len(set(said)) > 1 and not mark_of(forms[one[-1]])
    return len(said) == 1 or len(set(said)) > 1


def _begun(form: str, first: str) -> str:
    """Begin a form as a sentence's first form does that was before it."""
    if not is_capital(first) or not form.islower():
        return form
    letter = next(filter(str.isalpha, form))
    return form.replace(letter, letter.upper(), 1)


def _stops(form: str) -> bool:
    """Whether a sentence ends with a form, and does not only trail off."""
    return ends_sentence(form) and not form.rstrip().endswith(("..", "…"))


def _marked(form: str, mark: str) -> str:
    """Put a mark in the place of the one that ends a form."""
    body, own = form.rstrip(), mark_of(form)
    at = body.rindex(own) if own else len(body)
    return body[:at] + mark + body[at + len(own) :] + form[len(body) :]
