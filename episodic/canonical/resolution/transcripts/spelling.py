"""How words are spelled that several witnesses have: capitals and the marks after them, cell by cell.

1. Only a witness that *writes* votes: one that uses both cases and marks. An engine that shouts or never
   writes a capital has no opinion, and its spelling is taken only where nobody else has the word.
2. A form's mark and its capital are voted separately, and the form of a witness that has most of both is
   taken: no form is made up. Engines leave marks out more often than they make them up: a mark has more
   votes than its absence has, a comma most, and some from those who have another mark there.
3. A capital follows a full stop: of a witness that begins a sentence where the text does not, or goes on
   where the text begins one, the capital says nothing.
4. A witness's vote is how often it spells as the others do, of two the same. Where one has the words that a
   person seems to have edited, they are spelled so.
5. A number is written in figures where one that writes has them, unless it is a plain word: a single digit,
   ten, a hundred, a thousand. Of two numbers side by side the second is written as the first, if possible by
   who wrote that: one in words and one in figures may read as one.
6. Tokens that come to no word (fillers, marks alone) stand where most weight has them; inside a region its
   winner decides.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from episodic.canonical.resolution.transcripts.constants import MARKS
from episodic.canonical.resolution.transcripts.contest import Contest, Heard
from episodic.canonical.resolution.transcripts.evidence import UNHEARD
from episodic.canonical.resolution.transcripts.table import uneven
from episodic.canonical.text.known import Known, looked_up
from episodic.canonical.text.tokens import Tokens, key

_STOPS: Final = frozenset(".?!…。\N{FULLWIDTH QUESTION MARK}\N{FULLWIDTH EXCLAMATION MARK}")
_MARKS: Final = frozenset(
    ".,?!;:…。、\N{FULLWIDTH COMMA}\N{FULLWIDTH QUESTION MARK}\N{FULLWIDTH EXCLAMATION MARK}"
)
# Shares of tokens: capitals of one that writes, and marks.
_FEWEST_CAPITALS: Final = 0.01
_MOST_CAPITALS: Final = 0.5
_FEWEST_MARKS: Final = 0.02
_TELLING: Final = 50
# Tokens that come to no word, of which no witness that hears words says so many.
_LONG: Final = 12
# Of a long witness so many tokens tell.
_LOOKED_AT: Final = 4000
_CLOSING: Final = "\"'”\N{RIGHT SINGLE QUOTATION MARK})]»"


def writes(tokens: Tokens) -> bool:
    """Whether a witness uses both cases and marks; of a short one nobody knows."""
    count = len(tokens.forms)
    if count < _TELLING:
        return True
    step = 1 + count // _LOOKED_AT
    kinds = Counter(looked_up(_KINDS, tokens.forms[::step]))
    capitals, cased, marks = (sum(times for kind, times in kinds.items() if kind[each]) for each in range(3))
    if marks < _FEWEST_MARKS * kinds.total():
        return False
    return not cased or _FEWEST_CAPITALS * cased <= capitals <= _MOST_CAPITALS * cased


def names_among(terms: Mapping[str, str], texts: Iterable[Tokens]) -> Mapping[str, str]:
    """Choose the terms of other episodes that are names in these texts as well.

    A term in capitals is one. Another is none where those who write have it small at least twice more often
    than with a capital inside a sentence; once says nothing, for it may be the place that is disputed.

    Parameters
    ----------
    terms
        As other episodes have them, by key.
    """
    asked = {word for word, term in terms.items() if not term.isupper()}
    capitals = Counter[str]()
    for tokens in filter(writes, texts) if asked else ():
        begins = True
        for form, word in zip(tokens.forms, tokens.keys, strict=True):
            if word in asked:
                capitals[word] += -1 if form.islower() else not begins
            begins = ends_sentence(form)
    return {word: term for word, term in terms.items() if capitals[word] > -2}


@lru_cache(1 << 14)  # most forms come again and again
def mark_of(form: str) -> str:
    """Give the mark that ends a form."""
    last = form.rstrip().rstrip(_CLOSING)[-1:]
    return last if last in _MARKS else ""


def _kind_of(form: str) -> tuple[bool, bool, bool]:
    """Whether a form has capitals, letters of two cases, and a mark."""
    small = form.lower()
    return form != small, small != form.upper(), bool(mark_of(form))


def _signs_of(form: str) -> tuple[str, str]:
    return mark_of(form), "A" if is_capital(form) else ""


_KINDS: Final = Known(_kind_of, 1 << 13)
_SIGNS: Final = Known(_signs_of, 1 << 13)


def ends_sentence(form: str) -> bool:
    """Whether a sentence ends with a form."""
    return mark_of(form) in _STOPS


def is_capital(form: str) -> bool:
    """Whether the first letter of a form is a capital."""
    letter = next((c for c in form if c.isalnum()), "")
    return letter != letter.lower()


def spell(heard: Heard, contest: Contest, followed: Sequence[int]) -> list[int]:
    """Choose for each cell, of those who say what the one says that is followed, whose form is taken.

    Where all write the same the best of all is followed, and only the other cells are looked at.

    Parameters
    ----------
    followed
        For each column of words, the witness that is followed.

    Returns
    -------
    For each cell of the layout, a witness.
    """
    layout, words = heard.layout, heard.table.words
    weights = _hands(heard)
    order = sorted(range(len(words)), key=lambda v: (-weights[v], -contest.evidence.weights[v], v))
    regional = [-1] * (len(followed) + 1)
    for region in contest.found:
        regional[region.start : region.end] = [region.start] * (region.end - region.start)
    numbers = contest.numbers
    great = {word for word in numbers if not _is_plain(heard.spelled[word])}
    leaders = [order[0]] * (len(layout.bounds) - 1)
    forms, row = heard.tokens[order[0]].forms, layout.rows[order[0]]
    before: Sequence[int] = ()
    begins, done = True, 0
    for cell in _unsettled(heard, contest):
        start, end = layout.bounds[cell : cell + 2]
        column, after = layout.words[cell : cell + 2]
        if cell > done:
            before = words[order[0]][column - 1 : column]
            begins = ends_sentence(next(forms[row[at]] for at in range(start - 1, -1, -1) if row[at] >= 0))
        if after == column:
            inside = column > 0 and regional[column - 1] == regional[column] >= 0
            leader = followed[column] if inside else _silent(heard, contest, start, end, column)
            if said := _keys(heard, leader, start, end):
                who = [v for v in order if _keys(heard, v, start, end) == said]
                leader = _form(heard, who, weights, start, end, begins=begins)
        else:
            said = words[followed[column]][column:after]
            having = (v for v in order if words[v][column:after] == said)
            who = list(having) if max(said) >= 0 else [next(having)]
            last_leader = leaders[cell - 1] if cell else -1
            beside = not (numbers.isdisjoint(said) or numbers.isdisjoint(before))
            if not great.isdisjoint(said) and (
                not beside or _in_figures(heard, [last_leader], weights, layout.bounds[cell - 1], start)
            ):
                who = _in_figures(heard, who, weights, start, end) or who
            if beside and last_leader in who:
                leader = last_leader  # two numbers side by side, each as another writes it, may read as one
            else:
                leader = _form(heard, who, weights, start, end, begins=begins) if len(who) > 1 else who[0]
            before = said
        leaders[cell], done = leader, cell + 1
        own = layout.rows[leader]
        last = next((own[place] for place in range(end - 1, start - 1, -1) if own[place] >= 0), None)
        if last is not None:
            form = heard.tokens[leader].forms[last]
            begins = ends_sentence(form)
            if mark_of(form) and contest.zeros.issuperset(before):
                before = ()  # an exclamation
    return leaders


def _unsettled(heard: Heard, contest: Contest) -> list[int]:
    """Find the cells that not all have and write the same, and the numbers right before them."""
    words, starts = heard.table.words[0], heard.layout.words
    cells = heard.layout.cells(uneven(heard.written))
    before: set[int] = set()
    for cell in cells:
        at = cell - 1
        while at not in before and not contest.numbers.isdisjoint(words[starts[at] : starts[at + 1]]):
            before.add(at)
            at -= 1
    return sorted(cells | before)


def _keys(heard: Heard, voice: int, start: int, end: int) -> list[str]:
    return [heard.tokens[voice].keys[place] for place in heard.layout.rows[voice][start:end] if place >= 0]


def _is_plain(number: str) -> bool:
    """Whether a number is as good as a word: "one to two days", "over a thousand patients"."""
    return len(number) == 1 or number.rstrip("0") == "1"


def _in_figures(heard: Heard, who: Sequence[int], weights: Sequence[int], start: int, end: int) -> list[int]:
    """Find those that write a number in figures; where a person seems to have edited it, nobody is asked."""
    if heard.edited[who[0]]:
        return []
    writing = [voice for voice in who if weights[voice]] or who
    return [v for v in writing if any(any(map(str.isdigit, said)) for said in _keys(heard, v, start, end))]


def _form(
    heard: Heard, who: Sequence[int], weights: Sequence[int], start: int, end: int, *, begins: bool
) -> int:
    """Choose whose form to take of some that say the same; the one that writes best comes first."""
    if not weights[who[0]] or heard.edited[who[0]]:
        return who[0]
    written: list[tuple[int, str, int]] = []
    for voice in who:
        places = [place for place in heard.layout.rows[voice][start:end] if place >= 0]
        if weights[voice] and places:
            form = "".join(heard.tokens[voice].forms[places[0] : places[-1] + 1])
            written.append((voice, form, places[0]))
    if all(form == written[0][1] for _, form, _ in written):
        return who[0]
    forms = [
        (voice, form, first == 0 or ends_sentence(heard.tokens[voice].forms[first - 1]))
        for voice, form, first in written
    ]
    said: dict[str, int] = {}
    for voice, form, _ in forms:
        said[key(form)] = said.get(key(form), 0) + heard.priors[voice]
    most = max(said, key=said.__getitem__)
    return _best([each for each in forms if key(each[1]) == most], weights, begins=begins)


def _hands(heard: Heard) -> list[int]:
    """Say how well each witness writes, in thousandths of the best; those that do not write have 0."""
    writers = [voice for voice, tokens in enumerate(heard.tokens) if writes(tokens)]
    if any(edited := [voice in writers and heard.edited[voice] for voice in range(len(heard.tokens))]):
        skills = [1 + own for own in edited]
    elif len(writers) > 2:
        skills = _skills(heard, writers)
    else:
        skills = [1] * len(edited)  # which of two writes better nobody knows
    best = max((skills[voice] for voice in writers), default=0) or 1
    steep = int(MARKS["steep"])
    return [
        1 + 1000 * skill**steep // best**steep if voice in writers else 0
        for voice, skill in enumerate(skills)
    ]


def _skills(heard: Heard, writers: Sequence[int]) -> list[int]:
    """Give the F1 of writers' marks and capitals, the others being the measure, in thousandths."""
    count = len(heard.tokens)
    signs = [_signs(heard.tokens[v].forms, heard.layout.rows[v]) for v in writers]
    same, made = [0] * count, [1] * count
    for column, times in Counter(zip(*signs, strict=True)).items():
        if None in column:
            continue
        for kind in (0, 1):
            own = [sign[kind] for sign in column if sign]
            given = len(own) - own.count("")
            for voice, sign in zip(writers, own, strict=True):
                made[voice] += times * (given - (sign != "") + (len(own) - 1) * (sign != ""))
                same[voice] += 2 * times * (own.count(sign) - 1) * (sign != "")
    return [1000 * same[v] // made[v] for v in range(count)]


def _signs(forms: Sequence[str], row: Sequence[int]) -> list[tuple[str, str] | None]:
    """Give the mark and the capital of each form in a row."""
    return list(map([*looked_up(_SIGNS, forms), None].__getitem__, row))


def _silent(heard: Heard, contest: Contest, start: int, end: int, column: int) -> int:
    """Choose whom to follow where some have tokens that come to no word."""
    weights = contest.evidence.weights
    near = [row[min(column, contest.width - 1)] for row in contest.rows] if contest.width else None
    sides: dict[bool, list[int]] = {True: [], False: []}
    for voice, row in enumerate(heard.layout.rows):
        if heard.voters[voice] and (row[start] >= 0 or not near or near[voice] != UNHEARD):
            sides[row[start] >= 0].append(voice)
    stands = sum(weights[v] for v in sides[True]) > sum(weights[v] for v in sides[False])
    if end - start > _LONG and sides[False]:
        stands = False  # the rest of a loop
    group = sides[stands] or sides[not stands]
    return max(group, key=lambda v: (weights[v], -v)) if group else 0


def _best(forms: Sequence[tuple[int, str, bool]], weights: Sequence[int], *, begins: bool) -> int:
    """Choose whose form to take of some witnesses, each with its form and whether it begins a sentence."""
    said: dict[str, int] = {}
    capitals = {True: 0, False: 0}
    for number, form, own in forms:
        mark = mark_of(form)
        said[mark] = said.get(mark, 0) + weights[number]
        if own == begins:
            capitals[is_capital(form)] += weights[number]
    if capitals[True] == capitals[False] == 0:
        capitals[begins] += 1
    given = sum(said.values()) - said.get("", 0)
    marks = {
        mark: (MARKS["stop" if mark in _STOPS else "comma"] * (own + MARKS["other"] * (given - own)))
        if mark
        else own
        for mark, own in said.items()
    }

    def votes(each: tuple[int, str, bool]) -> tuple[float, int]:
        number, form, _ = each
        return round(marks[mark_of(form)] + capitals[is_capital(form)], 6), weights[number]

    return max(forms, key=votes)[0]
