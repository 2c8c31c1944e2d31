"""Who is meant by a label: the person whom others name where its words are said.

1. For each label of each witness (`labels`) the words are counted that another witness gives to somebody by
   name, over the whole episode. The name that has at least half of them is meant: a wrong turn changes
   nothing.
2. Labels that nobody names are held against those of other witnesses in the same way, so that ``Speaker 1``
   of one and ``SPEAKER_00`` of another are one person where they say the same words. The labels of whoever
   tells people apart most as the others do come first, so that an engine whose labels change half-way joins
   nobody; of two it is the heavier.
3. What files are called after, of tracks, is a name for the labels of others, and a label beside their names.
4. Without such words a label is a person of its own: ``Speaker 1`` of two witnesses may be two people.

Several labels may mean one person, because engines split a voice more often than they join two::

    s1  Ada Lindqvist   we began with a question ...   it took a year
    s2  Speaker 1       we began with a question ...
    s2  Speaker 3                                      it took a year     both are Ada
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Final

from episodic.canonical.resolution.names import folded
from episodic.canonical.resolution.people import Mention
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.text.labels import is_label
from episodic.canonical.text.tokens import printable

# Words that tell who a label is; fewer may be a slip of the bounds.
_FEWEST: Final = 3


def identify(collation: Collation, called: Collection[str] = ()) -> Mapping[Mention, Mention]:
    """Say whom labels mean.

    Parameters
    ----------
    called
        Folded labels of which an editor or the series says who they are; these are names.

    Returns
    -------
    For each label that means somebody, a mention of that person: siglum, and the name there.
    """
    naming = [v for v in sorted(collation.family) if any(u.speaker for u in collation.voices[v].utterances)]
    columns = Counter(zip(*(_track(collation, voice) for voice in naming), strict=True))
    like = _likeness(columns, len(naming))
    order = sorted(
        range(len(naming)),
        key=lambda at: (not collation.voices[naming[at]].thread.called, -like[at], at),
    )
    rank = {who: number for number, at in enumerate(order) for column in columns if (who := column[at])}
    by_file = collation.tracks
    labels = {who for who in rank if (is_label(who[1]) or who in by_file) and folded(who[1]) not in called}
    together: dict[Mention, Counter[Mention]] = {label: Counter() for label in rank if label in labels}
    for column, words in columns.items():
        heard = [who for who in column if who]
        for label in labels.intersection(heard):
            for who in heard:
                together[label][who] += words
    meant: dict[Mention, Mention] = {}
    for by_name in (True, False):
        before = dict(meant)
        for label in (each for each in together if each not in before):
            people: dict[str, Counter[Mention]] = {}
            for who in sorted(together[label], key=rank.__getitem__):
                if (who not in labels) is by_name and (by_name or rank[who] < rank[label]):
                    person = meant.get(who, who)
                    people.setdefault(folded(person[1]), Counter())[person] += together[label][who]
            counts = {name: sum(mentions.values()) for name, mentions in people.items()}
            name = max(counts, key=counts.__getitem__, default="")
            if counts and counts[name] >= max(_FEWEST, sum(counts.values()) / 2):
                meant[label] = max(people[name], key=people[name].__getitem__)
    for siglum, name in by_file:
        own = next(voice for voice in collation.voices if voice.siglum == siglum)
        for label in {printable(u.speaker) for u in own.utterances if u.speaker and u.speaker != name}:
            if folded(label) not in called:
                meant[siglum, label] = meant.get((siglum, name), (siglum, name))
    return meant


def _likeness(columns: Mapping[tuple[Mention | None, ...], int], witnesses: int) -> list[int]:
    """Say of each of several witnesses in how many words it tells people apart as another does.

    Those are the words of each label that most have one label of the other, in hundredths of what both label.
    """
    like = [0] * witnesses
    for one, other in combinations(range(witnesses), 2) if witnesses > 2 else ():
        both: Counter[tuple[Mention, Mention]] = Counter()
        for column, words in columns.items():
            own, its = column[one], column[other]
            if own and its:
                both[own, its] += words
        most: dict[Mention, int] = {}
        for pair, words in both.items():
            for who in pair:
                most[who] = max(most.get(who, 0), words)
        share = 100 * sum(most.values()) // (2 * both.total() or 1)
        like[one] += share
        like[other] += share
    return like


def _track(collation: Collation, voice: int) -> Sequence[Mention | None]:
    """Give whom a voice names in each column."""
    own = collation.voices[voice]
    named = [collation.mention(voice, number) for number in range(len(own.utterances))]
    return [named[own.utterance_of[token]] if token >= 0 else None for token in collation.rows[voice]]
