"""What each language has of contractions, fillers, numbers, currencies: the tables of the normal form.

Keys are as `tokens.key` gives them, except for contractions that keep their apostrophe because without it
they are another word ("we're" and "were"). A language without a table falls back to plain words; English is
complete, the others have what differs between transcribers and leave numbers in words to text2num.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from episodic.canonical.text.wordlists import by_name, word_list

type Table = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Language:
    """The tables of a language.

    Parameters
    ----------
    expansions
        Words that stand for several, or for one that is written otherwise.
    fillers
        Sounds that are no words.
    percent
        Words for "%"; the last may follow a word ("per" "cent").
    currencies
        Words for the signs of currencies.
    functions
        The commonest words, which engines add and drop most.
    doubled
        Those of them that may rightly stand twice, or be said twice to mean it.
    dotted
        Whether a dot parts thousands: "1.000" is a thousand.
    scales
        How many noughts words for thousands and more stand for, after digits.
    numerals
        Whether `numbers` knows its number words itself; else text2num is asked, under the language's code.
    """

    expansions: Table = field(default_factory=dict[str, tuple[str, ...]])
    fillers: frozenset[str] = frozenset()
    percent: frozenset[str] = frozenset({"percent"})
    currencies: Mapping[str, str] = field(default_factory=dict[str, str])
    functions: frozenset[str] = frozenset()
    doubled: frozenset[str] = frozenset()
    dotted: bool = False
    scales: Mapping[str, int] = field(default_factory=dict[str, int])
    numerals: bool = False


def of(tag: str | None) -> tuple[str, Language]:
    """Find a language by its BCP 47 tag: its code, and its tables."""
    code = (tag or "en").casefold().replace("_", "-").partition("-")[0]
    return code, _LANGUAGES.get(code, PLAIN)


def _expanded(text: str) -> dict[str, tuple[str, ...]]:
    """What words stand for: a word and what it stands for, divided by commas."""
    return {word: tuple(full) for word, *full in map(str.split, text.split(","))}


def _english_contractions() -> dict[str, tuple[str, ...]]:
    """Make the contractions of English; those that are other words without the apostrophe need it."""
    made: dict[str, tuple[str, ...]] = {}
    for ending, full, words in (
        ("m", "am", "i"),
        ("re", "are", "you we they there what who"),
        ("ve", "have", "i you we they would could should might"),
        ("ll", "will", "i you he she it we they that there this who what"),
        ("d", "would", "i you he she it we they that there who"),
        ("s", "is", "he she it that there this who what where how here when why"),
    ):
        made |= {f"{word}'{ending}": (word, full) for word in words.split()}
    ambiguous = {"ill", "id", "hell", "hed", "shell", "shed", "its", "were", "well", "wed", "whore", "whod"}
    made |= {
        key: full
        for contracted, full in list(made.items())
        if (key := contracted.replace("'", "")) not in ambiguous
    }
    made["let's"] = ("let", "us")
    for verb in sorted(word_list("do does did is are was were have has had could would should must need")):
        made[f"{verb}nt"] = (verb, "not")
    return made | _expanded("cant can not, cannot can not, wont will not, shant shall not, aint is not")


_ENGLISH: Final = Language(
    expansions=_english_contractions()
    | _expanded(
        "gonna going to, wanna want to, gotta got to, kinda kind of, mr mister, mrs missus, dr doctor, "
        "ok okay, alright all right"
    ),
    fillers=word_list("um uh hmm hm mm mhm mmm uhm umm uhh er erm ah"),
    percent=frozenset({"percent", "%"}),
    currencies=by_name(
        {"$": "dollar, dollars", "€": "euro, euros", "£": "pound, pounds", "¢": "cent, cents", "¥": "yen"}
    ),
    functions=word_list(
        "a an and are as at be but by for from had has have he her his i in is it its me my not of "
        "on or our she so that the their them then there they this to was we were will with would "
        "you your"
    ),
    doubled=word_list("are had has have her is not so that there was were will you"),
    numerals=True,
)
_GERMAN: Final = Language(
    dotted=True,
    scales={"tausend": 3, "million": 6, "millionen": 6, "milliarde": 9, "milliarden": 9},
    expansions=_expanded(
        "gibt's gibt es, geht's geht es, hab's habe es, hab habe, ist's ist es, wars war es, "
        "fürs für das, ins in das, ne eine, nen einen, nem einem, nich nicht, okay ok"
    ),
    fillers=word_list("äh ähm öh öhm hm hmm mhm ehm eh"),
    percent=frozenset({"prozent", "%"}),
    currencies=by_name(
        {"€": "euro, euros", "$": "dollar", "£": "pfund", "¢": "cent", "¥": "yen", "chf": "franken"}
    ),
    functions=word_list(
        "der die das den dem des ein eine einen einem einer und oder aber ist sind war ich du er "
        "sie es wir ihr in im an am auf aus bei mit von vom zu zum zur für nicht auch so ja da dass "
        "wie was"
    ),
    doubled=word_list("der die das den dem ist sind war er sie es ihr nicht so ja da zu"),
)
_FRENCH: Final = Language(
    scales={"mille": 3, "million": 6, "millions": 6, "milliard": 9, "milliards": 9},
    expansions=_expanded("chuis je suis, ya il y a, okay ok"),
    fillers=word_list("euh heu hum hm hmm mh bah ben"),
    percent=frozenset({"pourcent", "%"}),
    currencies=by_name({"€": "euro, euros", "$": "dollar, dollars", "£": "livres", "¢": "centimes"}),
    functions=word_list(
        "le la les un une des du de d l et ou mais est sont je tu il elle on nous vous ils elles à "
        "au aux en dans par pour sur avec que qui ce se ne pas y"
    ),
    doubled=word_list("est sont tu il elle nous vous ils elles en pas"),
)
_SPANISH: Final = Language(
    dotted=True,
    scales={"mil": 3, "millón": 6, "millones": 6},
    expansions=_expanded("pa para, okay ok"),
    fillers=word_list("eh em ehm mm hm hmm"),
    percent=frozenset({"%"}),
    currencies=by_name({"€": "euro, euros", "$": "dólar, dólares", "£": "libras", "¢": "céntimos"}),
    functions=word_list(
        "el la los las un una unos unas y o pero es son yo tú él ella nosotros ellos a al de del en "
        "con por para que se no lo le su me te"
    ),
    doubled=word_list("es son tú él ella nosotros ellos no"),
)
PLAIN: Final = Language(percent=frozenset({"%"}))
_LANGUAGES: Final = {"en": _ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH}
