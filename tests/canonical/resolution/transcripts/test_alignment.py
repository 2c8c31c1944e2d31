import random
from array import array
from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from episodic.canonical.resolution.transcripts.alignment import Block, Interner
from episodic.canonical.resolution.transcripts.alignment import align as align_numbers
from episodic.canonical.resolution.transcripts.columns import Most, columns
from episodic.canonical.resolution.transcripts.refinement import refine

STREAMS = st.text(alphabet="abcdef", max_size=40)


def codes(text: str) -> list[int]:
    return list(map(ord, text))


def align(one: str, other: str) -> list[Block]:
    return align_numbers(codes(one), codes(other))


def table(*streams: str) -> list[str]:
    """Give the columns as strings, with ``-`` for absence."""
    rows = columns([codes(stream) for stream in streams])
    return [
        "".join(s[place] if place >= 0 else "-" for s, place in zip(streams, column, strict=True))
        for column in zip(*rows, strict=True)
    ]


def pairs_that_differ(aligned: list[str]) -> int:
    return sum(a != b for column in aligned for i, a in enumerate(column) for b in column[:i])


def test_words_stand_beside_the_words_that_they_replace() -> None:
    assert table("abcd", "abXd") == ["aa", "bb", "cX", "dd"]


def test_insertions_of_several_at_one_gap_are_aligned_with_each_other() -> None:
    assert table("ab", "aXYb", "aYb") == ["aaa", "-X-", "-YY", "bbb"]


def test_of_two_equally_short_scripts_the_one_that_a_third_witness_supports_is_taken() -> None:
    # Against the base alone, Q replaces 2 or Z with the same right.
    assert "22Q" in table("12Z3", "123", "1Q3")


def test_passages_that_merely_stand_at_the_same_place_are_not_each_others_readings() -> None:
    shared = "abcdefghij"
    advert, chat = "ABCDEFGHIJKLMNOPQRST", "0123456789!?.,;:+*#&"
    blocks = align(shared + advert + shared, shared + chat + shared)
    assert [(b.end - b.start, b.other_end - b.other_start, b.equal) for b in blocks] == [
        (10, 10, True),
        (20, 0, False),
        (0, 20, False),
        (10, 10, True),
    ]


def test_common_words_do_not_relate_passages_that_have_nothing_else_in_common() -> None:
    shared = "abcdefghij"
    advert, chat = "ABCDxFGHIJKLMNOyQRST", "0123x56789!?.,;y+*#&"
    assert not any(b.equal for b in align(shared + advert + shared, shared + chat + shared)[1:-1])


def test_a_few_words_scattered_over_a_long_passage_are_no_reading_of_it() -> None:
    shared, advert = "abcdefghij", "".join(map(chr, range(0x100, 0x160)))
    blocks = align(shared + advert + shared, shared + advert[3:90:7] + shared)
    assert [(b.end - b.start, b.other_end - b.other_start) for b in blocks] == [
        (10, 10),
        (96, 0),
        (0, 13),
        (10, 10),
    ]


def test_a_long_insertion_does_not_cut_off_the_few_words_after_it() -> None:
    assert [b.equal for b in align("abcdefghij12", "abcdefghijABCDEFGHIJKLMNOPQRSTUVWXYZ12")] == [
        True,
        False,
        True,
    ]


def test_a_common_passage_between_two_that_are_not_is_found() -> None:
    advert, chat = "".join(map(chr, range(0x100, 0x180))), "".join(map(chr, range(0x200, 0x280)))
    common = "".join(map(chr, range(0x300, 0x364)))
    blocks = align(advert + common, common + chat)
    assert [b.end - b.start for b in blocks if b.equal] == [100]


def test_a_badly_heard_passage_is_still_the_same_passage() -> None:
    one, other = "abcdefghijklmnopqrst", "aBcDeFgHiJkLmNoPqRsT"
    assert sum(b.end - b.start for b in align(one, other) if b.equal) == 10


@given(st.lists(STREAMS, min_size=1, max_size=5))
def test_every_word_stands_in_one_column_in_order_and_no_column_is_empty(streams: list[str]) -> None:
    rows = columns([codes(stream) for stream in streams])
    for row, stream in zip(rows, streams, strict=True):
        assert [place for place in row if place >= 0] == list(range(len(stream)))
    assert all(max(column) >= 0 for column in zip(*rows, strict=True))


@given(st.lists(STREAMS, min_size=1, max_size=8))
@example(["ab", "ax", "ax", "ab", "ab"])
def test_a_stream_is_joined_to_what_most_have_and_the_first_of_equals(streams: list[str]) -> None:
    first, *others = (array("i", codes(stream)) for stream in streams)
    most = Most(first)
    said = [[word] for word in first]  # by column
    for stream in others:
        blocks = align_numbers(most.words, stream)
        joined: list[list[int]] = []
        for block in blocks:
            own = stream[block.other_start : block.other_end]
            here = said[block.start : block.end] or [[] for _ in own]
            joined += [[*words, *own[at : at + 1]] for at, words in enumerate(here)]
        said = joined
        most.add(stream, blocks)
        assert list(most.words) == [max(words, key=words.count) for words in said]


@given(st.lists(STREAMS, min_size=3, max_size=4), st.data())
def test_refinement_makes_nothing_worse(streams: list[str], data: st.DataObject) -> None:
    width = max(map(len, streams)) + 2
    rows: list[list[int]] = []
    for stream in streams:
        places = sorted(data.draw(st.permutations(range(width)))[: len(stream)])
        row = [-1] * width
        for word, place in enumerate(places):
            row[place] = word
        rows.append(row)
    kept = [column for column in zip(*rows, strict=True) if max(column) >= 0]
    rows = [list(row) for row in zip(*kept, strict=True)] or [[] for _ in streams]
    refined = refine(rows, [codes(stream) for stream in streams])

    def spelled(rows: Sequence[Sequence[int]]) -> list[str]:
        return [
            "".join(s[place] if place >= 0 else "-" for s, place in zip(streams, column, strict=True))
            for column in zip(*rows, strict=True)
        ]

    assert pairs_that_differ(spelled(refined)) <= pairs_that_differ(spelled(rows))


@given(STREAMS, STREAMS)
def test_blocks_cover_both_streams_and_equal_ones_are_equal(one: str, other: str) -> None:
    blocks = align(one, other)
    assert "".join(one[b.start : b.end] for b in blocks) == one
    assert "".join(other[b.other_start : b.other_end] for b in blocks) == other
    assert all(one[b.start : b.end] == other[b.other_start : b.other_end] for b in blocks if b.equal)


def test_anchors_change_nothing_but_the_time() -> None:
    chance = random.Random(1)
    one = [chance.randrange(3000) for _ in range(20_000)]
    other = [word if chance.random() < 0.9 else chance.randrange(3000) for word in one]
    del other[5000:5040]
    made = sum(
        max(b.end - b.start, b.other_end - b.other_start) for b in align_numbers(one, other) if not b.equal
    )
    assert made == Levenshtein.distance(one, other)


def test_more_words_than_there_are_characters_are_interned_apart() -> None:
    words = [str(number) for number in range(1_200_000)]
    interned = Interner().intern(words)
    assert len(set(interned)) == len(words)
    assert align_numbers(interned[-3:], interned[-3:]) == [Block(0, 3, 0, 3, equal=True)]
