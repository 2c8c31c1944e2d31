"""Who is meant by a label: the person whom others name where its words are said.

1. For each label of each witness (`labels`) the words are counted that another witness gives to somebody by
   name, over the whole episode. The name that has at least half of them is meant: a wrong turn changes
   nothing.
2. Labels that nobody names are held against those of heavier witnesses in the same way, so that ``Speaker 1``
   of one and ``SPEAKER_00`` of another are one person where they say the same words.
3. What files are called after, of tracks, is a name for the labels of others, and a label beside their names.
4. Without such words a label is a person of its own: ``Speaker 1`` of two witnesses may be two people.

Several labels may mean one person, because engines split a voice more often than they join two::

    s1  Ada Lindqvist   we began with a question ...   it took a year
    s2  Speaker 1       we began with a question ...
    s2  Speaker 3                                      it took a year     both are Ada
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from episodic.canonical.labels import is_label
from episodic.canonical.resolution.people import Mention, folded
from episodic.canonical.resolution.transcripts.collation import Collation

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
    order = sorted(collation.family, key=lambda voice: (not collation.voices[voice].thread.called, voice))
    naming = [v for v in order if any(u.speaker for u in collation.voices[v].utterances)]
    tracks = [_track(collation, voice) for voice in naming]
    rank = {who: number for number, track in enumerate(tracks) for who in track if who}
    by_file = collation.tracks
    labels = {who for who in rank if (is_label(who[1]) or who in by_file) and folded(who[1]) not in called}
    together: dict[Mention, Counter[Mention]] = {label: Counter() for label in rank if label in labels}
    for column, words in Counter(zip(*tracks, strict=True)).items():
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
                    person = before.get(who, who)
                    people.setdefault(folded(person[1]), Counter())[person] += together[label][who]
            counts = {name: sum(mentions.values()) for name, mentions in people.items()}
            name = max(counts, key=counts.__getitem__, default="")
            if counts and counts[name] >= max(_FEWEST, sum(counts.values()) / 2):
                meant[label] = max(people[name], key=people[name].__getitem__)
    return meant


def _track(collation: Collation, voice: int) -> Sequence[Mention | None]:
    """Give whom a voice names in each column."""
    own = collation.voices[voice]
    named = [collation.mention(voice, number) for number in range(len(own.utterances))]
    return [named[own.utterance_of[token]] if token >= 0 else None for token in collation.rows[voice]]
