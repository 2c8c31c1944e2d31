"""Whether names in front of lines are people's who talk, where nobody said so, or terms and fields."""

from collections.abc import Sequence
from typing import Final

import pytest

from episodic.canonical.normalizers.documents.mail import Mail
from episodic.canonical.normalizers.documents.markdown import Markdown
from episodic.canonical.normalizers.documents.plain_text import PlainText
from episodic.canonical.normalizers.format import Document
from episodic.canonical.sources import Utterance

NOTES: Final = {
    "law": """
        Article 1: Every keeper shall light the lamp at dusk.
        Article 2: No keeper shall leave the tower at night.
        Article 3: The oil is paid by the village.
        Article 4: Whoever breaks these rules shall be fined.
    """,
    "minutes": """
        Item 1
        Discussion: The lamp is old and needs a new mantle.
        Outcome: A new mantle is bought.
        Item 2
        Discussion: The third step is loose.
        Outcome: It is mended before Easter.
    """,
    "minutes-ko": """
        장점: 가격이 싸고 튼튼합니다.
        단점: 바람 소리가 녹음됩니다.
        점수: 별 네 개입니다.

        장점: 소리가 따뜻합니다.
        단점: 가격이 너무 비쌉니다.
        점수: 별 세 개입니다.
    """,
    "credits": """
        Prise de son : Paul Petit
        Mixage : Luc Grand
        Prise de son : Anne Roux
        Mixage : Jean Noir
    """,
    "many-fields": """
        Tower: Skarholm
        Height: forty metres above the rock
        Material: granite from the quarry on the island, and oak
        Tower: Vinga
        Material: limestone, which the sea eats
        Height: twenty metres above the rock
        and as much again below it
        Tower: Utklippan
        Height: thirty metres above the rock
        Material: bricks of two colours
        Note: a ferry goes there in June
        Tower: Landsort
        Height: twenty-five metres above the rock
        Material: granite, and a dome of iron
    """,
    "terms-for-you": """
        Aperture: It tells how much light you get.
        Shutter: The longer you leave it open, the more.
        Grain: What you see when there is too little.
        Focus: Where you look.
    """,
}
TALK: Final = {
    "few-lines": """
        Ada: The lamp burned oil.
        Bob: The lens came later.
    """,
    "full-names": """
        Maya Okafor: The lamp burned oil.

        Tomas Lindqvist: The lens came later.

        Nina Reed: It was made in Paris.
    """,
    "nobody-is-addressed": """
        Maya: The tower was built in 1836.
        Tomas: The lens came from Paris.
        Nina: The keepers came from the village.
        Maya: The oil came by boat.
        Tomas: The boat came once a month.
        Nina: The mail came with it.
    """,
    "roles-once": """
        HOST: Welcome to the show.
        GUEST: Thanks for having me.
    """,
    "a-line-each": """
        ADA: oil is in the word list
        ADA: lamp is in the word list
        ADA: lens is in the word list
        ADA: glass is in the word list
        ADA: tower is in the word list
        ADA: stone is in the word list
        ADA: rail is in the word list
        ADA: door is in the word list
        ADA: wind is in the word list
        ADA: sea is in the word list
        ADA: rope is in the word list
        ADA: boat is in the word list
    """,
    "no-sentence": """
        Ada: lamp oil
        Bob: glass
        Ada: tower
    """,
    "small-letters-in-a-list": """
        - ada: so when did you first see the lamp
        - bob: i was ten i think
        - ada: were you afraid
        - bob: very much so
        - ada: and then
    """,
    "sung-by-all": """
        Ada: Welcome back. Today we have a song.
        Bob: I wrote it in the tower, on a night without wind.
        Chorus: Light, oh light, come over the sea.
        Ada: That was beautiful. Who sings with you?
        Bob: The whole village, on Sundays.
    """,
    "radio": """
        NARRATOR: The river is higher than it has been in forty years.
        BELL: The whole street is under water.
        NARRATOR: Nobody counts the sandbags.
        BELL: My piano is in there.
        NARRATOR: It is a lake now.
        BELL: The water comes at night.
    """,
    "asked-and-answered": """
        Δημοσιογράφος: Πότε ανεβήκατε πρώτη φορά στον φάρο;
        Νίκος: Ήμουν δέκα χρονών. Με πήγε ο πατέρας.
        Δημοσιογράφος: Φοβηθήκατε;
        Νίκος: Πολύ.
    """,
    "japanese": """
        聞き手：灯台守になったきっかけは何ですか。
        鈴木：父が灯台守だったんです。
        聞き手：お父様は何とおっしゃいましたか。
        鈴木：やめておけと言いました。
    """,
    "corner-brackets": """
        田中「灯台に登ったのはいつですか。」
        佐藤「十歳のときでした。」
        田中「怖くなかったですか。」
        佐藤「とても。」
    """,
    "engine": """
        Speaker 1: lampan tändes klockan nio
        Speaker 2: tornet är högt
        Speaker 1: havet är mörkt
        Speaker 2: vinden är kall
    """,
    "thai-name-with-many-vowels": """
        ผู้ดำเนินรายการ: คุณเห็นประภาคารครั้งแรกเมื่อไหร่
        สมชาย: ตอนเด็กครับ ไปกับพ่อ
        ผู้ดำเนินรายการ: กลัวไหมคะ
        สมชาย: กลัวมากครับ
    """,
    "titles-in-a-play": """
        Mr. Smith. I rise to ask about the lighthouse.

        Mrs. Jones. Will the gentleman yield?

        Mr. Smith. I yield to you.

        Mrs. Jones. Who pays for the lamp?
    """,
}
CHATS: Final = {
    "whatsapp": "[02/03/2026, 09:58:12] {}: {}",
    "whatsapp-android": "02.03.26, 09:58 - {}: {}",
    "whatsapp-us": "3/2/26, 9:58\u202fAM - {}: {}",
    "telegram": "{}, [02.03.2026 09:58]\n{}\n",
    "discord": "{} \u2014 02/03/2026 09:58\n{}",
    "discord-today": "{} \u2014 Today at 9:58 AM\n{}",
    "discord-heute": "{} \u2014 heute um 09:58\n{}",
}
SAID: Final = [
    ("Ada", "did you hear the keeper?"),
    ("Bob", "yes, twice"),
    ("Ada", "the lamp is lit at nine"),
    ("Bob", "then bring the recorder"),
]


def read(text: str) -> Sequence[Utterance]:
    """What is said in a text of which nobody said what it is."""
    lines = "\n".join(line.strip() for line in text.strip().split("\n"))
    return PlainText().read(Document("some.txt", lines.encode(), None, {})).utterances


@pytest.mark.parametrize("text", NOTES.values(), ids=NOTES)
def test_names_in_front_of_lines_in_which_nobody_is_addressed_are_terms(text: str) -> None:
    assert not read(text)


@pytest.mark.parametrize("text", TALK.values(), ids=TALK)
def test_names_in_front_of_lines_are_people_who_address_each_other(text: str) -> None:
    said = [line for line in text.split("\n") if line.strip()]
    utterances = read(text)
    assert len(utterances) == len(said)
    assert all(each.speaker and each.speaker in line for each, line in zip(utterances, said, strict=True))


@pytest.mark.parametrize("form", CHATS.values(), ids=CHATS)
def test_a_chat_is_read_without_the_hours_on_the_wall(form: str) -> None:
    utterances = read("\n".join(form.format(*each) for each in SAID))
    assert [(each.speaker, each.text) for each in utterances] == SAID
    assert {each.start for each in utterances} == {None}


@pytest.mark.parametrize("end", ["\v", "\x85", "\u2028", "\u2029", "\r\n"])
def test_a_line_ends_with_whatever_a_word_processor_writes(end: str) -> None:
    utterances = read(end.join(f"{name}: {words}" for name, words in SAID))
    assert [(each.speaker, each.text) for each in utterances] == SAID


CONVERSATION: Final = (
    "Ada: When did you first see it?\n\nBob: I was ten.\n\nAda: Were you afraid?\n\nBob: Very."
)


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        (f"<details>\n<summary>Transcript</summary>\n\n{CONVERSATION}\n\n</details>\n\nWrite to us.", 3),
        (f'# First light\n\n[expand title="Transcript"]\n\n{CONVERSATION}\n\n[/expand]', 3),
        (CONVERSATION.replace("Ada: ", "> [!quote] Ada\n> ").replace("Bob: ", "> [!quote]- Bob\n> "), 0),
    ],
)
def test_what_folds_a_transcript_away_in_markdown_is_not_said(text: str, left_out: int) -> None:
    structure = Markdown().read(Document("some.md", text.encode(), None, {}))
    said = [f"{each.speaker}: {each.text}" for each in structure.utterances]
    assert said == CONVERSATION.split("\n\n")
    doubts = [each.text for each in structure.signals.doubts]
    assert [text.split(" words left out")[0] for text in doubts] == [str(left_out)] * bool(left_out)


def test_questions_that_nobody_answers_are_those_of_a_brief() -> None:
    asked = "Q: When did you first see the lamp?\nQ: Were you afraid?\nQ: What will you miss?"
    assert not read(asked)
    assert len(read(asked.replace("\n", "\n\nI was ten.\n\n"))) == 5


HEAD: Final = (
    "From: Bob Noyce <bob@harbour.example>\nTo: Ada <ada@harbour.example>\nSubject: Re: questions\n\n"
)


@pytest.mark.parametrize(
    ("asked", "answer", "again"),
    [
        ("When did you first see it?", "I was ten.", "Were you afraid?"),
        ("When did you first see it?", "", "Were you afraid?"),
        ("When did you first see it?", "I was ten.", "I thought you were afraid."),
        ("When did you first see it?", "I was ten.", ""),
    ],
)
def test_who_asks_in_a_mail_is_quoted_by_who_answers_each_question(
    asked: str, answer: str, again: str
) -> None:
    text = f"Dear Ada,\n\n> {asked}\n{answer}\n\n{again and f'> {again}'}\nVery.\n\nBest, Bob\n"
    structure = Mail().read(Document("re.eml", f"{HEAD}{text}".encode(), None, {}))
    said = [f"Ada: {asked}", f"Bob Noyce: {answer}", f"Ada: {again}", "Bob Noyce: Very."]
    heard = [f"{each.speaker}: {each.text}" for each in structure.utterances]
    assert heard == (said if answer and again.endswith("?") else [])


def test_an_hour_that_is_said_now_and_then_is_no_chat_s() -> None:
    said = ["Ada: We met on 2.3.2026 09:58", "Bob: Yes.", "Ada: And you?"]
    assert [f"{each.speaker}: {each.text}" for each in read("\n".join(said))] == said
