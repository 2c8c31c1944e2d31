from episodic.canonical.tei import render
from episodic.canonical.tei.reader import Spoken

TALK = [
    Spoken("Is it <safe>?", "Ada & Co", 0.0, 2.5),
    Spoken("I think so.", "Ada & Co", 2.5, 3.0),
    Spoken("Yes.", "Charles", 3700.25, 3701.0),
]


def test_plain_text_names_a_speaker_where_the_speaker_changes() -> None:
    assert render.text(TALK) == "Ada & Co: Is it <safe>?\nI think so.\nCharles: Yes.\n"


def test_webvtt_has_a_cue_an_utterance_with_voice_and_escapes() -> None:
    assert render.webvtt(TALK) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:02.500\n<v Ada &amp; Co>Is it &lt;safe&gt;?\n\n"
        "00:00:02.500 --> 00:00:03.000\n<v Ada &amp; Co>I think so.\n\n"
        "01:01:40.250 --> 01:01:41.000\n<v Charles>Yes.\n"
    )


def test_a_dash_begins_the_words_of_a_speaker_without_a_name() -> None:
    talk = [Spoken("Cold."), Spoken("Very.", turn=True), Spoken("Yes."), Spoken("Hm.", "Ada")]
    assert render.text(talk) == "Cold.\n- Very.\nYes.\nAda: Hm.\n"
    assert "\n- Very.\n" in render.webvtt(talk)


def test_webvtt_gives_every_cue_a_time_of_its_own_where_there_is_none() -> None:
    assert "00:00:01.000 --> 00:00:02.000\nB\n" in render.webvtt([Spoken("A"), Spoken("B")])


def test_a_cue_without_an_end_lasts_until_the_next() -> None:
    assert "00:00:04.000 --> 00:00:09.000\nA\n" in render.webvtt(
        [Spoken("A", start=4.0), Spoken("B", start=9.0, end=10.0)]
    )


def test_webvtt_shares_the_time_until_the_next_start_by_the_length_of_texts() -> None:
    talk = [Spoken("abc", start=10.0), Spoken("abcdefg"), Spoken("end", start=22.0, end=23.0)]
    found = render.webvtt(talk)
    assert "00:00:10.000 --> 00:00:14.000\nabc\n" in found
    assert "00:00:14.000 --> 00:00:22.000\nabcdefg\n" in found


def test_webvtt_gives_no_cue_a_time_that_nobody_could_read() -> None:
    talk = [Spoken("a", start=121.0), Spoken("b"), Spoken("c", start=121.0), Spoken("d")]
    times = [line.split(" --> ") for line in render.webvtt(talk).splitlines() if "-->" in line]
    assert all(end > start for start, end in times)
    assert times[-1] == ["00:02:02.000", "00:02:03.000"]
