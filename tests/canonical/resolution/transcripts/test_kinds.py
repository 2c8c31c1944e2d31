"""What real sets of sources do, each kind in a folder of its own with what is right."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import DoubtKind, SourceType, Utterance
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import tokenize
from tests.canonical.making import edition, read, transcript, weighted
from tests.canonical.resolution.noise import keys, word_error_rate

FOLDER = Path(__file__).parents[3] / "data" / "resolution"
POLICY = SeriesPolicy()
HEAVIEST = 600
# Of two that differ in a word nobody knows who is right.
UNSURE = 0.005


def resolved(kind: str, *, turned: bool = False) -> Resolution:
    """Resolve the sources of a folder; by their names each is a little lighter than the one before."""
    paths = sorted(p for p in (FOLDER / kind).iterdir() if p.name != "expected.txt")
    sources = read(*paths, source_type=SourceType.TRANSCRIPT)
    made = [weighted(HEAVIEST - 10 * number, source) for number, source in enumerate(sources)]
    return resolve(made[::-1] if turned else made, POLICY)


def expected(kind: str) -> list[str]:
    return (FOLDER / kind / "expected.txt").read_text().splitlines()


def episode_of(resolution: Resolution) -> reader.TeiDocument:
    return reader.read(write(resolution, edition()))


def said_of_witnesses(resolution: Resolution) -> str:
    reasons = [d.reason for d in resolution.decisions if d.address.startswith("witness")]
    return "\n".join([*reasons, *(f"{w.siglum} {note}" for w in resolution.witnesses for note in w.notes)])


@pytest.mark.parametrize("kind", ["tracks", "parts", "spelling"])
@pytest.mark.parametrize("turned", [False, True])
def test_the_text_is_what_was_said(kind: str, *, turned: bool) -> None:
    assert episode_of(resolved(kind, turned=turned)).text() == " ".join(expected(kind)) + " "


@pytest.mark.parametrize("kind", ["gap", "loop", "swap"])
@pytest.mark.parametrize("turned", [False, True])
def test_every_word_stands_once_and_in_place(kind: str, *, turned: bool) -> None:
    said = keys([episode_of(resolved(kind, turned=turned)).text()])
    assert word_error_rate(said, keys(expected(kind))) <= UNSURE


@pytest.mark.parametrize("kind", ["tracks", "parts", "gap", "loop", "swap", "spelling", "numbers"])
def test_every_witness_reads_back(kind: str) -> None:
    resolution = resolved(kind)
    episode = episode_of(resolution)
    for witness in resolution.witnesses:
        spoken = witness.weighted.source.utterances
        assert episode.text(witness.siglum) == tokenize(u.text for u in spoken).text
        assert [(s.text, s.start, s.end) for s in episode.utterances(witness.siglum)] == [
            (u.text, u.start, u.end) for u in spoken
        ]


@pytest.mark.parametrize(
    ("kind", "part", "said"),
    [
        ("tracks", "s1 makes one transcript together with s2, in turn on one clock", "vote as one"),
        ("parts", "s2 makes one transcript together with s1 and s3, one after another", "vote as one"),
        (
            "loop",
            "s1 says the same again and again: 398 of its words, 32%, have no vote",
            "transcribe it once more",
        ),
        ("swap", "s3 has 409 of its words, 48%, in another place than the others", "stand once"),
    ],
)
def test_what_votes_otherwise_than_alone_is_said(kind: str, part: str, said: str) -> None:
    reasons = said_of_witnesses(resolved(kind))
    assert part in reasons
    assert said in reasons


@pytest.mark.parametrize(("moved", "warns"), [(24, False), (200, True)])
def test_a_small_section_in_another_place_is_a_note_and_no_warning(moved: int, warns: bool) -> None:
    words = [f"w{number}" for number in range(4000)]
    swapped = [*words[:1000], *words[1000 + moved : 1500], *words[1000 : 1000 + moved], *words[1500:]]
    texts = [" ".join(each) for each in (words, [*words[:-60], "the", "end"], swapped)]
    sources = [transcript(500 - n, text, uri=f"{n}.txt") for n, text in enumerate(texts)]
    resolution = resolve(sources, SeriesPolicy())
    doubts = [doubt.text for doubt in resolution.doubts.get("s3", ())]
    assert any("in another place" in text for text in doubts) is warns
    notes = [note for note in resolution.witnesses[2].notes if "in another place" in note]
    assert notes == (
        [] if warns else ["has 24 of its words in another place than the others; they stand once"]
    )


def test_a_thread_is_no_conflict_but_a_guess() -> None:
    for kind, guess in (
        ("tracks", "s1 and s2 were taken for tracks of one conversation"),
        ("parts", "s1 and s2 and s3 were taken for parts of one transcript"),
    ):
        resolution = resolved(kind)
        assert resolution.decisions == ()
        (doubt,) = resolution.doubts["s1"]
        assert doubt.kind is DoubtKind.GUESSED
        assert doubt.text.startswith(guess)


def test_how_far_witnesses_agree_is_said_of_each() -> None:
    shares = [note for w in resolved("gap").witnesses for note in w.notes if "agrees" in note]
    assert len(shares) == 3
    assert all("agrees with the others at " in share and " disputed places" in share for share in shares)


def test_a_number_is_written_as_some_witness_writes_it() -> None:
    resolution = resolved("numbers")
    written = [episode_of(resolution).utterances(w.siglum) for w in resolution.witnesses]
    for number, spoken in enumerate(episode_of(resolution).utterances()):
        assert keys([spoken.text]) in [keys([witness[number].text]) for witness in written]


# --- passages in two of three


def test_a_passage_that_the_heaviest_lacks_has_the_times_of_those_who_have_it() -> None:
    episode = episode_of(resolved("gap"))
    times = {
        u.text: u.start for source in resolved("gap").witnesses for u in source.weighted.source.utterances
    }
    stamped = [(u.start, times[u.text]) for u in episode.utterances() if u.text in times]
    assert len(stamped) > len(expected("gap")) * 0.8
    assert all(a is not None and b is not None and abs(a - b) <= 2 for a, b in stamped)


# --- files that make one transcript together

LINES = (FOLDER / "conversation.txt").read_text().splitlines()
TALK = [f"speaker number {n % 3} says that loom {n} weaves {n * n} yards of wool a day" for n in range(60)]


def timed(texts: Sequence[str], *, first: float = 0.0, ends: bool = True) -> list[Utterance]:
    """Say texts one after the other, six seconds each with a pause."""
    return [
        Utterance(text, f"cue {n}", None, first + 7.0 * n, first + 7.0 * n + 6 if ends else None)
        for n, text in enumerate(texts)
    ]


def text_of(*files: tuple[str, Sequence[Utterance]]) -> str:
    resolution = resolve([transcript(600, *spoken, uri=uri) for uri, spoken in files], POLICY)
    return episode_of(resolution).text().removesuffix(" ")


@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("tracks", [2, 3, 5])
def test_tracks_interleave_by_time(tracks: int, *, ends: bool) -> None:
    talk = timed(TALK, ends=ends)
    assert text_of(*((f"{n}.vtt", talk[n::tracks]) for n in range(tracks))) == " ".join(TALK)


def test_one_word_at_the_same_time_does_not_make_strangers_of_tracks() -> None:
    talk = timed(TALK)
    yes = [Utterance("yes", f"yes {n}", None, 21.0 * n + 2, 21.0 * n + 2.5) for n in range(12)]
    made = text_of(("a.vtt", talk[::2]), ("b.vtt", sorted([*talk[1::2], *yes], key=lambda u: u.start or 0)))
    assert keys([made.replace("yes ", "")]) == keys(TALK)


def test_tracks_and_a_transcript_of_all_are_two_witnesses_of_one_conversation() -> None:
    talk = timed(TALK)
    resolution = resolve(
        [
            transcript(500, *talk[::2], uri="ada.vtt"),
            transcript(500, *talk[1::2], uri="charles.vtt"),
            transcript(600, *[text.replace("weaves", "leaves") for text in TALK], uri="all.txt"),
            transcript(500, *talk, uri="other.vtt"),
        ],
        POLICY,
    )
    assert episode_of(resolution).text().removesuffix(" ") == " ".join(TALK)


@pytest.mark.parametrize(
    ("files", "people"),
    [
        (("ada-lovelace.vtt", "charles.en.vtt"), ("Ada Lovelace", "Charles")),
        (("show_ep12_Ada_raw.vtt", "show_ep12_Charles_raw.vtt"), ("Ada", "Charles")),
        (("1-ada#0815.srt", "2-charles_4711.srt"), ("Ada", "Charles")),
        (("track-1.vtt", "track-2.vtt"), ("Track 1", "Track 2")),
        (("a/track.vtt", "b/track.vtt"), ("Track 1", "Track 2")),
    ],
)
def test_who_speaks_in_a_track_is_called_after_its_file_and_that_is_a_guess(
    files: tuple[str, str], people: tuple[str, str]
) -> None:
    talk = timed(TALK)
    resolution = resolve(
        [transcript(600 - n, *talk[n::2], uri=uri) for n, uri in enumerate(files)],
        POLICY,
    )
    assert [u.speaker for u in episode_of(resolution).utterances()] == list(people) * (len(TALK) // 2)
    (doubt,) = resolution.doubts["s1"]
    assert doubt.text.endswith(f"is called after their files: s1 {people[0]}, s2 {people[1]}")


def test_the_label_of_a_track_by_itself_is_whoever_its_file_names() -> None:
    talk = [each._replace(speaker="Speaker 1") for each in timed(TALK)]
    files = ("ada.vtt", "charles.vtt")
    resolution = resolve([transcript(600 - n, *talk[n::2], uri=uri) for n, uri in enumerate(files)], POLICY)
    names = [(person.name, set(person.names)) for person in resolution.document.people]
    assert names == [
        (name, {(siglum, name), (siglum, "Speaker 1")}) for siglum, name in (("s1", "Ada"), ("s2", "Charles"))
    ]


@pytest.mark.parametrize(
    "labels", [("Grace Hopper",), ("Speaker 1", "Speaker 2"), ("Grace Hopper", "Speaker 2")], ids=str
)
def test_whom_a_track_names_or_tells_apart_is_not_called_after_its_file(labels: Sequence[str]) -> None:
    talk = timed(TALK)
    own = [each._replace(speaker=labels[n % len(labels)]) for n, each in enumerate(talk[0::2])]
    tracks = [transcript(600, *own, uri="ada.vtt"), transcript(590, *talk[1::2], uri="charles.vtt")]
    people = resolve(tracks, POLICY).document.people
    assert sorted(person.name for person in people) == sorted([*labels, "Charles"])


def test_what_others_call_people_wins_over_the_names_of_their_files() -> None:
    talk = timed(TALK)
    tracks = [transcript(600, *talk[n::2], uri=uri) for n, uri in enumerate(("boom.vtt", "lavalier.vtt"))]
    names = ("Ada Lovelace", "Charles Babbage")
    for labels in (names, ("Speaker 1", "Speaker 2")):
        said = [each._replace(speaker=labels[n % 2]) for n, each in enumerate(talk)]
        people = resolve([*tracks, transcript(500, *said, uri="all.vtt")], POLICY).document.people
        assert [person.name for person in people] == list(names if labels == names else ("Boom", "Lavalier"))


def test_one_track_of_many_votes_for_no_silence() -> None:
    lines = [Utterance(text, f"line {n}") for n, text in enumerate(TALK)]
    tracks = [(f"{n}.txt", lines[n::5]) for n in range(5)]
    assert text_of(("all.txt", lines), *tracks) == " ".join(TALK)


@pytest.mark.parametrize("parts", [2, 3, 5])
@pytest.mark.parametrize("clock", ["goes on", "starts anew", "none"])
def test_parts_follow_one_another(parts: int, clock: str) -> None:
    size = len(TALK) // parts
    talk = timed(TALK)
    cut = [talk[n * size : (n + 1) * size] for n in range(parts)]
    if clock != "goes on":
        cut = [timed([u.text for u in part]) for part in cut]
    if clock == "none":
        cut = [[u._replace(start=None, end=None) for u in part] for part in cut]
    name = "{}.vtt" if clock == "goes on" else "talk-part{}.vtt"
    made = resolve(
        [
            transcript(600 - 50 * n, *part, uri=name.format(n + 1))
            for n, part in reversed(list(enumerate(cut)))
        ],
        POLICY,
    )
    episode = episode_of(made)
    assert episode.text().removesuffix(" ") == " ".join(TALK)
    starts = [u.start for u in episode.utterances() if u.start is not None]
    assert len(starts) == (0 if clock == "none" else size * parts)
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("show-part1.vtt", "show-part2.vtt", True),
        ("show.part_1.en.vtt", "show.part_2.en.vtt", True),
        ("Teil 1/talk.txt", "Teil 2/talk.txt", True),
        ("first-half.txt", "second-half.txt", True),
        ("side-a.srt", "side-b.srt", True),
        ("act-ii.srt", "act-i.srt", True),
        ("talk-1.txt", "talk-2.txt", True),
        ("talk-01.txt", "talk-02.txt", True),
        ("episode-1.txt", "episode-2.txt", False),
        ("s01e01.txt", "s01e02.txt", False),
        ("talk-394.txt", "talk-395.txt", False),
        ("speaker-1.txt", "speaker-2.txt", False),
        ("a.txt", "b.txt", False),
        ("1.txt", "2.txt", False),
        ("talk-2.txt", "talk-4.txt", False),
    ],
)
def test_names_say_what_is_a_part(first: str, second: str, *, together: bool) -> None:
    half = len(TALK) // 2
    files = [(first, TALK[:half]), (second, TALK[half:])]
    made = resolve([transcript(600, *texts, uri=uri) for uri, texts in files], POLICY)
    assert (episode_of(made).text().count("loom") == len(TALK)) == together
    assert ("parts by names as show-part1 and show-part2" in said_of_witnesses(made)) != together


def test_two_who_speak_at_the_same_times_are_no_tracks() -> None:
    other = [f"bake this cake for {n} minutes with {n + 3} eggs and some butter in it" for n in range(60)]
    made = text_of(("a.vtt", timed(TALK)), ("b.vtt", timed(other, first=3.0)))
    assert made in {" ".join(TALK), " ".join(other)}


# --- what stands in another place, or twice


def test_what_one_of_two_has_in_another_order_stands_once() -> None:
    half = len(LINES) // 2
    for order in ([*LINES[half:], *LINES[:half]], [*LINES[:10], *LINES[20:50], *LINES[10:20], *LINES[50:]]):
        resolution = resolve([transcript(600, *LINES), transcript(500, *order)], POLICY)
        assert episode_of(resolution).text().removesuffix(" ") == " ".join(LINES)


@pytest.mark.parametrize("heavier", [True, False])
@pytest.mark.parametrize("again", [(20, 26, 26), (20, 50, 50), (5, 15, 40)])
def test_a_section_that_one_has_twice_stands_once(again: tuple[int, int, int], *, heavier: bool) -> None:
    start, end, at = again
    twice = [*LINES[:at], *LINES[start:end], *LINES[at:]]
    resolution = resolve([transcript(700 if heavier else 500, *twice), transcript(600, *LINES)], POLICY)
    assert episode_of(resolution).text().removesuffix(" ") == " ".join(LINES)
    assert "of its words" in said_of_witnesses(resolution)


def test_a_section_that_all_have_twice_stands_twice() -> None:
    twice = [*LINES[:20], *LINES[5:15], *LINES[20:]]
    resolution = resolve([transcript(600 - n, *twice, uri=str(n)) for n in range(2)], POLICY)
    assert episode_of(resolution).text().removesuffix(" ") == " ".join(twice)


def test_a_litany_is_no_section_that_is_there_twice() -> None:
    lamps = [f"and the keeper lit lamp number {n} by hand" for n in range(20)]
    made = resolve(
        [
            transcript(600, *lamps, uri="a"),
            transcript(590, *[lamp.replace("hand", "heart") for lamp in lamps], uri="b"),
            transcript(580, *lamps[:10], uri="c"),
        ],
        POLICY,
    )
    assert episode_of(made).text().removesuffix(" ") == " ".join(lamps)
    assert all(d.kind != DoubtKind.SET_APART for own in made.doubts.values() for d in own)


@pytest.mark.parametrize("singers", [1, 2])
def test_a_chorus_is_sung_as_often_as_it_is_heard(singers: int) -> None:
    song = [*LINES[:12], *LINES[4:8], *LINES[12:30], *LINES[4:8], *LINES[30:]]
    heard = [song, [line.replace(" damp", " dump") for line in song]]
    files = [transcript(600 - n, *heard[n], uri=f"{n}") for n in range(singers)]
    fragment = [transcript(500, *LINES[:10], uri="fragment")] if singers > 1 else []
    made = resolve([*files, *fragment], POLICY)
    assert episode_of(made).text().removesuffix(" ") == " ".join(song)
    assert made.doubts == {}


# --- what one hears in a pause of the others


@pytest.mark.parametrize(("others", "made_up", "stands"), [(2, 2, False), (1, 2, True), (2, 8, True)])
def test_a_few_words_in_a_pause_of_several_others_are_made_up(
    others: int, made_up: int, *, stands: bool
) -> None:
    pause = 20
    before, after = timed(LINES[:pause]), timed(LINES[pause:], first=7.0 * (pause + made_up))
    heard = timed([f"thanks for watching video {n} of this channel and the like" for n in range(made_up)])
    heard = [u._replace(start=(u.start or 0) + 7.0 * pause, end=(u.end or 0) + 7.0 * pause) for u in heard]
    made = resolve(
        [
            transcript(600, *before, *heard, *after, uri="one"),
            *(
                transcript(590, *[u._replace(text=u.text.replace(*other)) for u in (*before, *after)])
                for other in ((" the ", " that "), (" a ", " one "))[:others]
            ),
        ],
        POLICY,
    )
    assert ("thanks for watching" in episode_of(made).text()) == stands
