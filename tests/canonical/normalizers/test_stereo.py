"""A recording that was transcribed once a channel: what is said twice at the same time stands once."""

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

from episodic.canonical.editing.addresses import clock
from tests.canonical.normalizers.conftest import Normalize

TALK = (Path(__file__).parents[2] / "data/resolution/conversation.txt").read_text("utf-8").split("\n")[:24]
LENGTH = 4.0  # seconds that each line takes


def misheard(line: str, chance: random.Random) -> str:
    """A line as an engine has it, which leaves out words here and there."""
    words = line.split()
    return " ".join(word for word in words if chance.random() > 0.06) or words[0]


def channel(seed: int) -> list[str]:
    chance = random.Random(seed)
    return [misheard(line, chance) for line in TALK]


def webvtt(*channels: Sequence[str | None]) -> str:
    cues = ["WEBVTT"]
    for number, lines in enumerate(zip(*channels, strict=True)):
        start = LENGTH * number
        cues += [
            f"{clock(start)}.000 --> {clock(start + LENGTH)}.000\n<v Channel {at}>{line}"
            for at, line in enumerate(lines)
            if line
        ]
    return "\n\n".join(cues)


def amazon(*channels: Sequence[str]) -> str:
    """Words of all channels in the order of time, each with its channel's label."""
    items = [
        (
            LENGTH * number + LENGTH * place / len(line.split()),
            {"channel_label": f"ch_{at}", "type": "pronunciation", "alternatives": [{"content": word}]},
        )
        for at, lines in enumerate(channels)
        for number, line in enumerate(lines)
        for place, word in enumerate(line.split())
    ]
    items.sort(key=lambda item: item[0])
    timed = [item | {"start_time": f"{time:.2f}", "end_time": f"{time + 0.2:.2f}"} for time, item in items]
    return json.dumps({"results": {"transcripts": [], "items": timed, "channel_labels": {"channels": []}}})


async def test_what_two_channels_say_at_the_same_time_stands_once_and_a_line_says_so(
    normalize: Normalize,
) -> None:
    whole, other = channel(1), channel(2)
    source = await normalize(webvtt(other, TALK), "stereo.vtt")
    assert [u.text for u in source.utterances] == TALK
    assert {u.speaker for u in source.utterances} == {None}
    (doubt,) = source.signals.doubts
    assert re.match(r"3\d\d words: Channel 0 says what Channel 1 says at the same time, ", doubt.text)
    assert source.signals.speaker_coverage == 0

    source = await normalize(amazon(TALK, whole), "stereo.json")
    assert " ".join(u.text for u in source.utterances) == " ".join(TALK)


async def test_what_one_channel_missed_is_taken_from_the_other(normalize: Normalize) -> None:
    missed = ["" if at in {8, 9} else line for at, line in enumerate(TALK)]
    source = await normalize(
        webvtt(missed, ["" if at in {3, 4, 5} else each for at, each in enumerate(TALK)])
    )
    assert [u.text for u in source.utterances] == TALK


async def test_who_is_heard_only_in_a_channel_that_goes_stays(normalize: Normalize) -> None:
    # In turn the room's channel has what either says; so it has half of both.
    by_length = sorted(TALK, key=len)
    short, long = by_length[: len(TALK) // 2], by_length[len(TALK) // 2 :]
    room = [(one, other)[at % 2] for at, (one, other) in enumerate(zip(long, short, strict=True))]
    source = await normalize(webvtt(long, room, short))
    assert sorted(u.text for u in source.utterances) == sorted(TALK)
    assert {u.speaker for u in source.utterances} == {"Channel 0", "Channel 2"}


async def test_people_in_channels_of_their_own_stay_also_where_they_speak_at_once(
    normalize: Normalize,
) -> None:
    reverse = TALK[::-1]
    source = await normalize(webvtt(TALK, reverse), "argument.vtt")
    assert len(source.utterances) == 2 * len(TALK)
    assert source.signals.doubts == ()

    source = await normalize(amazon(TALK, reverse), "argument.json")
    spoken = {
        name: " ".join(u.text for u in source.utterances if u.speaker == name) for name in ("ch_0", "ch_1")
    }
    assert spoken == {"ch_0": " ".join(TALK), "ch_1": " ".join(reverse)}
    assert max(len(u.text.split()) for u in source.utterances) > 10
