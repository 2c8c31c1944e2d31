"""Conversations in many scripts, written in the formats that Episodic reads, whole or damaged.

What goes in is known, so that it can be asked what comes out: every word, in order, and no speaker that
was not written as one. ``make speech COUNT=10000 SEED=1`` tries so many and shows those that go wrong.
"""

import csv
import html
import io
import json
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, NamedTuple

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.front_matter import read_with_front_matter
from episodic.canonical.normalizers.registry import find_format
from episodic.canonical.sources import SourceType
from episodic.canonical.tokens import is_unspaced


class Language(NamedTuple):
    """Words and names of a language, and how it writes."""

    words: Sequence[str]
    names: Sequence[str]
    end: str = "."
    colon: str = ": "
    space: str = " "


def _language(words: str, names: str, end: str = ".", colon: str = ": ", space: str = " ") -> Language:
    return Language(words.split(), [name.strip() for name in names.split(",")], end, colon, space)


LANGUAGES: Final = {
    "en": _language(
        "the lamp was lit again and we climbed up to see how far its light would go over water at night",
        "Maya Okafor, Tomas, ADA, Dr. Eve Lind, Bob O'Neil",
    ),
    "de": _language(
        "der Turm steht über dem Meer und wir gingen früh hinauf weil es schöner Öl für die Lampe gab",
        "Jörg Müller, Änne, SÖREN, Prof. Weiß",
    ),
    "fr": _language(
        "la lampe était allumée et nous sommes montés là où l'on voit la mer à l'été",
        "Éloïse Martin, Noël, ÉMILE, Jean-Luc",
        colon="\u00a0: ",
    ),
    "es": _language(
        "la luz del faro llega muy lejos y los niños miran el agua desde aquí en otoño",
        "María José, Íñigo, Señor Ruiz, ÁNGEL",
    ),
    "tr": _language(
        "deniz feneri gece boyunca yanar ve gemiler uzaktan onu görür çünkü ışık çok güçlü",
        "İpek Yılmaz, Şule, ÇAĞRI, Oğuz",
    ),
    "vi": _language(
        "ngọn đèn được thắp lên và chúng tôi trèo lên xem ánh sáng đi bao xa trên mặt nước",
        "Nguyễn Văn An, Thảo, Đức",
    ),
    "vi-nfd": _language(
        unicodedata.normalize("NFD", "ngọn đèn được thắp lên và chúng tôi trèo lên xem ánh sáng"),
        unicodedata.normalize("NFD", "Nguyễn Văn An, Thảo, Đức"),
    ),
    "uk": _language(
        "він зателефонував мені вночі і ми пішли на маяк дивитися як далеко світить лампа її їжак",
        "Оксана Шевченко, Тарас, ІВАН, Їжакевич",
    ),
    "ru": _language(
        "лампа горела всю ночь и мы поднялись наверх чтобы увидеть море ещё раз",
        "Анна Петрова, Борис, ЁЛКИН, Спикер №1",
    ),
    "el": _language(
        "το φως του φάρου φτάνει πολύ μακριά και εμείς ανεβήκαμε τη νύχτα για να το δούμε",
        "Ελένη Παππά, Νίκος, ΆΡΗΣ",
    ),
    "ka": _language(
        "შუქურა ანთია მთელი ღამე და ჩვენ ავედით ზემოთ ზღვის სანახავად", "ნინო, გიორგი ბერიძე, თამარი"
    ),
    "hy": _language("լույսը վառվում է ամբողջ գիշեր և մենք բարձրացանք վերև", "Անի, Տիգրան Պետրոսյան", end="։"),
    "he": _language("המנורה דלקה כל הלילה ואנחנו עלינו למעלה לראות את הים", "נועה כהן, דוד, יעל"),
    "ar": _language(
        "كان المصباح مضاء طوال الليل وصعدنا إلى الأعلى لنرى البحر من هناك", "ليلى حسن, سامي, نور", end="."
    ),
    "fa": _language("چراغ تمام شب روشن بود و ما بالا رفتیم تا دریا را ببینیم", "شیرین, رضا کریمی", end="."),
    "hi": _language("दीपक रात भर जलता रहा और हम समुद्र देखने ऊपर गए फिर लौट आए", "माया शर्मा, अमित, रवि", end="।"),
    "ta": _language("விளக்கு இரவு முழுவதும் எரிந்தது நாங்கள் கடலைப் பார்க்க மேலே சென்றோம்", "மீனா, கார்த்திக் ராஜ்"),
    "th": _language(
        "ตะเกียง ถูก จุด ขึ้น อีก ครั้ง และ เรา ปีน ขึ้น ไป ดู ทะเล", "สมชาย ใจดี, มาลี, อรุณ", end="", space=""
    ),
    "zh": _language(
        "灯塔 的 光 照 得 很 远 我们 晚上 爬 上去 看 海 水 那里 没有 人",
        "李明, 王小红, 张老师",
        end="。",
        colon="：",
        space="",
    ),
    "ja": _language(
        "灯台 の 光 は とても 遠く まで 届き 私たち は 夜 海 を 見に 登り ました",
        "田中さん, 佐藤花子, アダ",
        end="。",
        colon="：",
        space="",
    ),
    "ko": _language(
        "등대 불빛은 아주 멀리 갑니다 우리는 밤에 바다를 보러 올라갔습니다", "김민수, 이영희, 진행자"
    ),
    "am": _language("መብራቱ ሌሊቱን ሙሉ በራ እኛም ባሕሩን ለማየት ወጣን", "ሀና, ዳዊት አበበ", end="።"),
}
# What people are called where nobody knows them.
CALLED: Final = (
    ("Speaker 1", "Speaker 2", "Speaker 3"),
    ("SPEAKER_00", "SPEAKER_01"),
    ("Host", "Guest"),
    ("Interviewer", "Respondent"),
    ("INTERVIEWER", "MAYA"),
    ("Q", "A"),
    ("S1", "S2"),
    ("M", "T", "E"),
    ("Sprecherin 1", "Sprecher 2"),
    ("Moderador", "Invitada"),
    ("Ведущий", "Гость"),
    ("主持人", "嘉宾"),
    ("司会", "ゲスト"),
    ("MAYA (V.O.)", "TOMAS"),
    ("Dr. Maya Okafor", "J. R. Smith"),
)
# Above the first cue of those whom nobody names: who made the captions.
CREDITS: Final = (
    ("Transcriber: Ann Lee\nReviewer: Camille Martínez"),
    "Subtitles: Ann Lee",
    "Untertitel: Jana Kováčová",
    ("Traducteur: Ann Lee\nRelecteur: eric vautier"),
    ("Traductor: Ana Ruiz\nRevisor: Luis Gil"),
    ("Перекладач: Hanna Leliv\nУтверджено: Khrystyna"),
    ("翻译人员: Li Ming\n校对人员: Wang Hong"),
    "翻訳: Tanaka Aki 校正: Sato Yui",
    "المترجم: Ann Lee المدقّق: Bob Ray",
    ("Μετάφραση: Maria K\nΕπιμέλεια: Lucas K"),
    "תרגום: Ido Dekkers",
    "ผู้แปล: Ann Lee",
    ("번역: Kim Min\n검토: Lee Ha"),
    "Tonight: a tower in the fog.",
    "The Lantern Hour: First Light",
)
# Once in a file, such a line is said by whoever speaks; nobody is called that.
ASIDES: Final = (
    "So here is the question: how far?",
    "Spoiler: it was the keeper.",
    "We met at 10:30 and left at 11:15.",
    "If a < b and c > d, take List<String>.",
    "It cost $5 & more, 50% off; see example.org/a?b=c.",
    "(laughs) Right.",
    "[music] Well then.",
    "2 of 3 people - or so they say - agree.",
    "Well... no. -5 degrees, really.",
    "He said: \u201cGo on.\u201d",
    "C:\\temp is a path.",
    "The ratio is 3:1 and no more.",
    "1984 was a good year.",
    "# is a number sign, * is a star, and _ is low.",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one says in a go; nobody is named for ``None``."""

    speaker: str | None
    text: str


type Talk = Sequence[Turn]


@dataclass(frozen=True, slots=True)
class Made:
    """A file, what it is taken for, and what must come out of it."""

    name: str
    data: bytes
    talk: Talk
    language: Language
    source_type: SourceType | None = SourceType.TRANSCRIPT
    how: str = ""


def talk_in(chance: random.Random, language: Language, *, named: bool) -> Talk:
    """Make a conversation in which everybody speaks more than once, and nothing is said twice in a row."""
    count = chance.randrange(8, 24)
    called = list(chance.choice((*CALLED, *[language.names] * 2 * len(CALLED))))
    names = chance.sample(called, min(len(called), chance.choice((2, 2, 3))))
    turns: list[Turn] = []
    who = 0
    for number in range(count):
        length = chance.randrange(4, 12)
        words = [chance.choice(language.words) for _ in range(length)]
        text = language.space.join(words)
        text = text[:1].upper() + text[1:] if chance.random() < 0.8 else text
        text += language.end
        if turns and turns[-1].text == text:
            continue
        who = (who + 1) % len(names) if number < 2 * len(names) or chance.random() < 0.7 else who
        turns.append(Turn(names[who] if named else None, text))
    if chance.random() < 0.5:
        at = chance.randrange(len(turns))
        turns[at] = replace(turns[at], text=f"{turns[at].text} {chance.choice(ASIDES)}")
    if chance.random() < 0.3:
        at = chance.randrange(1, len(turns))
        turns.insert(at, Turn(turns[at - 1].speaker, chance.choice(ASIDES)))
    if not named and chance.random() < 0.3:
        turns.insert(0, Turn(None, chance.choice(CREDITS)))
    if not named and count > 16 and chance.random() < 0.2:
        for at in chance.sample(range(1, count - 2), 2):
            turns[at] = Turn(None, f"Fact: {turns[at].text}")
    return turns


# --- formats

type Writer = Callable[[random.Random, Talk, Language], str | bytes]


def _clock(seconds: float, mark: str = ".", digits: int = 3, *, hours: bool = True) -> str:
    whole = int(seconds)
    fraction = f"{seconds:.{digits}f}".partition(".")[2]
    front = f"{whole // 3600:02}:" if hours or whole >= 3600 else ""
    return f"{front}{whole // 60 % 60:02}:{whole % 60:02}" + (f"{mark}{fraction}" if digits else "")


def _spans(talk: Talk) -> list[tuple[float, float, Turn]]:
    return [(4.0 * number + 0.5, 4.0 * number + 4, turn) for number, turn in enumerate(talk)]


def _label(turn: Turn, language: Language) -> str:
    return f"{turn.speaker}{language.colon}" if turn.speaker else ""


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def webvtt_voices(chance: random.Random, talk: Talk, language: Language) -> str:
    cues = (
        f"{_clock(start)} --> {_clock(end)}\n"
        + (f"<v {turn.speaker}>" if turn.speaker else "")
        + _escaped(turn.text)
        for start, end, turn in _spans(talk)
    )
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def webvtt_labels(chance: random.Random, talk: Talk, language: Language) -> str:
    hours = chance.random() < 0.5
    cues = (
        f"{_clock(start, hours=hours)} --> {_clock(end, hours=hours)}\n"
        f"{_label(turn, language)}{_escaped(turn.text)}"
        for start, end, turn in _spans(talk)
    )
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _subrip(talk: Talk, payload: Callable[[Turn], str]) -> str:
    return "\n\n".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{payload(turn)}"
        for number, (start, end, turn) in enumerate(_spans(talk), 1)
    )


def subrip_labels(chance: random.Random, talk: Talk, language: Language) -> str:
    return _subrip(talk, lambda turn: _label(turn, language) + turn.text)


def subrip_brackets(chance: random.Random, talk: Talk, language: Language) -> str:
    opening, closing = chance.choice(("[]", "()") if "(" not in str(talk) else ("[]",))
    return _subrip(
        talk, lambda turn: (f"{opening}{turn.speaker}{closing} " if turn.speaker else "") + turn.text
    )


def subrip_above(chance: random.Random, talk: Talk, language: Language) -> str:
    return _subrip(
        talk, lambda turn: _label(turn, language).rstrip() + ("\n" if turn.speaker else "") + turn.text
    )


def subrip_bold(chance: random.Random, talk: Talk, language: Language) -> str:
    return _subrip(
        talk, lambda turn: (f"<b>{_label(turn, language).strip()}</b> " if turn.speaker else "") + turn.text
    )


def subrip_two_lines(chance: random.Random, talk: Talk, language: Language) -> str:
    def broken(turn: Turn) -> str:
        words = turn.text.split(" ")
        middle = len(words) // 2
        parts = [" ".join(words[:middle]), " ".join(words[middle:])]
        return _label(turn, language) + "\n".join(filter(None, parts))

    return _subrip(talk, broken)


def subrip_sticky(chance: random.Random, talk: Talk, language: Language) -> str:
    """Who goes on speaking is not named again."""
    before = [None, *(turn.speaker for turn in talk)]
    shown = [
        Turn(None, turn.text if turn.speaker == last else _label(turn, language) + turn.text)
        for turn, last in zip(talk, before, strict=False)
    ]
    return _subrip(shown, lambda turn: turn.text)


class _Step(NamedTuple):
    """One of the cues in which a turn is shown: its times, its pieces, and how many have been said before."""

    start: float
    end: float
    pieces: Sequence[str]
    said: int


def _steps(talk: Talk) -> list[_Step]:
    """Word by word, or two characters at a time where there is nothing between words."""
    steps: list[_Step] = []
    for start, end, turn in _spans(talk):
        unspaced = all(is_unspaced(char) for char in turn.text if char.isalpha())
        pieces = re.findall(r"\S{1,2}\s*" if unspaced else r"\S+\s*", turn.text)
        each = (end - start) / len(pieces)
        steps += [_Step(start + each * at, start + each * (at + 1), pieces, at) for at in range(len(pieces))]
    return steps


def karaoke(chance: random.Random, talk: Talk, language: Language) -> str:
    """Each cue again for each word, which is underlined, as ``whisper --highlight_words`` does."""

    def shown(step: _Step) -> str:
        before, piece, after = (
            _escaped("".join(part))
            for part in (step.pieces[: step.said], step.pieces[step.said], step.pieces[step.said + 1 :])
        )
        return f"{before}<u>{piece.rstrip()}</u>{piece[len(piece.rstrip()) :]}{after}"

    cues = (f"{_clock(step.start)} --> {_clock(step.end)}\n{shown(step)}" for step in _steps(talk))
    return "WEBVTT\n\n" + "\n\n".join(cues)


def growing(chance: random.Random, talk: Talk, language: Language) -> str:
    """Each cue with a word more."""
    return "WEBVTT\n\n" + "\n\n".join(
        f"{_clock(step.start)} --> {_clock(step.end)}\n"
        + _escaped("".join(step.pieces[: step.said + 1])).rstrip()
        for step in _steps(talk)
    )


def rolling(chance: random.Random, talk: Talk, language: Language) -> str:
    """The line before above each, as YouTube's automatic captions have it."""
    above = ""
    cues: list[str] = []
    for start, end, turn in _spans(talk):
        line = _escaped(turn.text.replace("\n", " "))
        cues.append(f"{_clock(start)} --> {_clock(end)} align:start position:0%\n{above or ' '}\n{line}")
        cues.append(f"{_clock(end)} --> {_clock(end + 0.01)} align:start position:0%\n{line}\n ")
        above = line
    return "WEBVTT\nKind: captions\nLanguage: en\n\n" + "\n\n".join(cues)


def sbv(chance: random.Random, talk: Talk, language: Language) -> str:
    return "\n\n".join(
        f"{_clock(start)},{_clock(end)}\n{_label(turn, language)}{turn.text}"
        for start, end, turn in _spans(talk)
    )


def lrc(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = (
        f"[{_clock(start, digits=2, hours=False)}]{_label(turn, language)}{turn.text.replace('\n', ' ')}"
        for start, _, turn in _spans(talk)
    )
    return "[ti:Light]\n" + "\n".join(lines)


def ttml(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = "".join(
        f'<p begin="{_clock(start)}" end="{_clock(end)}">{_escaped(_label(turn, language) + turn.text)}</p>'
        for start, end, turn in _spans(talk)
    )
    return f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{lines}</div></body></tt>'


def ass(chance: random.Random, talk: Talk, language: Language) -> str:
    lines = "".join(
        f"Dialogue: 0,{_clock(start, digits=2)[1:]},{_clock(end, digits=2)[1:]},Default,"
        f"{turn.speaker or ''},0,0,0,,{turn.text.replace('\n', '\\N')}\n"
        for start, end, turn in _spans(talk)
    )
    fields = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
    return f"[Script Info]\nTitle: x\n\n[Events]\nFormat: {fields}\n{lines}"


def _rows(chance: random.Random, talk: Talk, divider: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=divider)
    writer.writerow(["start", "end", "speaker", "text"])
    for start, end, turn in _spans(talk):
        writer.writerow([_clock(start), _clock(end), turn.speaker or "", turn.text])
    return out.getvalue()


def table_csv(chance: random.Random, talk: Talk, language: Language) -> str:
    return _rows(chance, talk, chance.choice(",;"))


def table_tsv(chance: random.Random, talk: Talk, language: Language) -> str:
    return _rows(chance, talk, "\t")


def stamped(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("[{}] ", "{} ", "({}) ", "{}\n", "{} - "))
    end = chance.choice(("\n", "\n\n"))
    return "".join(
        f"{shape.format(_clock(start, digits=0))}{_label(turn, language)}{turn.text}{end}"
        for start, _, turn in _spans(talk)
    )


def ranged(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("[{} - {}] ", "{} --> {} ", "[{} \u2192 {}] ", "{} - {}\n"))
    return "".join(
        shape.format(_clock(start, digits=0), _clock(end, digits=0))
        + f"{_label(turn, language)}{turn.text}\n\n"
        for start, end, turn in _spans(talk)
    )


def otter(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(
        (
            *(
                "{0}  {1}\n",
                "{0} ({1}):\n",
                "{0} [{1}]\n",
                "{0}, {1}\n",
                "{0}: ({1})\n",
                "{0}\n{1}\n",
                "{1}\n{0}\n",
            ),
            *(
                "{1}\n{0}: ",
                "[{1}] {0}\n",
                "{1} - {0}\n  ",
                "[{1}] - {0}\n",
                "{0} [{1}]: ",
                "{1} | {0}: ",
                "{0}: [{1}] ",
            ),
            *("{0} ({1})\n", "({1}) {0}: ", "{0} | {1}\n", "{1} {0}:\n"),
        )
    )
    return "".join(
        f"{shape.format(turn.speaker, _clock(start, digits=0, hours=False))}{turn.text}\n\n"
        if turn.speaker
        else f"{_clock(start, digits=0, hours=False)}\n{turn.text}\n\n"
        for start, _, turn in _spans(talk)
    )


def plain(chance: random.Random, talk: Talk, language: Language) -> str:
    end = chance.choice(("\n", "\n\n"))
    return "".join(f"{_label(turn, language)}{turn.text}{end}" for turn in talk)


def plain_above(chance: random.Random, talk: Talk, language: Language) -> str:
    colon = chance.choice(("", ":"))
    return "".join((f"{turn.speaker}{colon}\n" if turn.speaker else "") + f"{turn.text}\n\n" for turn in talk)


def _for_markdown(text: str) -> str:
    return re.sub(r"([*_<>#\[\]\\&])", r"\\\1", text)


def markdown_bold(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("**{}:** {}\n\n", "**{}**: {}\n\n", "**{}**\n\n{}\n\n", "__{}:__ {}\n\n"))
    return "# Light\n\n" + "".join(
        shape.format(turn.speaker, _for_markdown(turn.text))
        if turn.speaker
        else f"{_for_markdown(turn.text)}\n\n"
        for turn in talk
    )


def markdown_headings(chance: random.Random, talk: Talk, language: Language) -> str:
    return "# Light\n\n" + "".join(
        (f"### {turn.speaker}\n\n" if turn.speaker else "") + f"{_for_markdown(turn.text)}\n\n"
        for turn in talk
    )


def markdown_plain(chance: random.Random, talk: Talk, language: Language) -> str:
    front = "---\ntitle: 'Light: a lamp'\ndate: 2026-03-02\n---\n\n"
    return front + "".join(f"{_label(turn, language)}{_for_markdown(turn.text)}\n\n" for turn in talk)


def markdown_timed(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("**{}** ({}): {}\n\n", "**{}** [{}]\n\n{}\n\n", "**{} {}**\n\n{}\n\n"))
    return "".join(
        shape.format(turn.speaker, _clock(start, digits=0), _for_markdown(turn.text))
        if turn.speaker
        else f"{_clock(start, digits=0)}\n\n{_for_markdown(turn.text)}\n\n"
        for start, _, turn in _spans(talk)
    )


def page(chance: random.Random, talk: Talk, language: Language) -> str:
    shape = chance.choice(("<p><strong>{}:</strong> {}</p>", "<p><b>{}</b>: {}</p>", "<p>{}: {}</p>"))
    body = "\n".join(
        shape.format(turn.speaker, _escaped(turn.text)) if turn.speaker else f"<p>{_escaped(turn.text)}</p>"
        for turn in talk
    )
    return (
        f"<!doctype html><html><head><title>Light</title></head><body><article>{body}</article></body></html>"
    )


def podcast_page(chance: random.Random, talk: Talk, language: Language) -> str:
    return "".join(
        (f"<cite>{turn.speaker}:</cite>\n" if turn.speaker else "")
        + f"<time>{_clock(start, digits=0)}</time>\n<p>{_escaped(turn.text)}</p>\n"
        for start, _, turn in _spans(talk)
    )


def podcast_json(chance: random.Random, talk: Talk, language: Language) -> str:
    segments = [
        {"startTime": start, "endTime": end, "body": turn.text}
        | ({"speaker": turn.speaker} if turn.speaker else {})
        for start, end, turn in _spans(talk)
    ]
    return json.dumps({"version": "1.0.0", "segments": segments}, ensure_ascii=chance.random() < 0.5)


def whisper_json(chance: random.Random, talk: Talk, language: Language) -> str:
    segments = [
        {"id": number, "start": start, "end": end, "text": f" {_label(turn, language)}{turn.text}"}
        for number, (start, end, turn) in enumerate(_spans(talk))
    ]
    return json.dumps({"text": "", "segments": segments, "language": "en"})


def word_document(chance: random.Random, talk: Talk, language: Language) -> bytes:
    import docx

    document = docx.Document()
    shape = chance.choice(("labels", "bold", "teams", "timings", "table"))
    spans = _spans(talk)
    if shape == "table":
        table = document.add_table(rows=1, cols=3)
        for cell, head in zip(table.rows[0].cells, ("Time", "Speaker", "Text"), strict=True):
            cell.text = head
        for start, _, turn in spans:
            row = table.add_row().cells
            row[0].text, row[1].text, row[2].text = _clock(start, digits=0), turn.speaker or "", turn.text
    for start, end, turn in spans if shape != "table" else ():
        if shape == "timings":
            document.add_paragraph(f"{_clock(start)} --> {_clock(end)}")
            if turn.speaker:
                document.add_paragraph(turn.speaker)
            document.add_paragraph(turn.text)
        elif shape == "teams" and turn.speaker:
            document.add_paragraph(f"{turn.speaker}   {_clock(start, digits=0, hours=False)}\n{turn.text}")
        elif shape == "bold" and turn.speaker:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{turn.speaker}:").bold = True
            paragraph.add_run(f" {turn.text}")
        else:
            document.add_paragraph(_label(turn, language) + turn.text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


CAPTIONS: Final[dict[str, tuple[Writer, str]]] = {
    writer.__name__: (writer, ending)
    for writer, ending in (
        (webvtt_voices, "vtt"),
        (webvtt_labels, "vtt"),
        (subrip_labels, "srt"),
        (subrip_brackets, "srt"),
        (subrip_above, "srt"),
        (subrip_bold, "srt"),
        (subrip_two_lines, "srt"),
        (subrip_sticky, "srt"),
        (sbv, "sbv"),
        (lrc, "lrc"),
    )
}
TEXTS: Final[dict[str, tuple[Writer, str]]] = {
    writer.__name__: (writer, ending)
    for writer, ending in (
        (karaoke, "vtt"),
        (growing, "vtt"),
        (rolling, "vtt"),
        (ttml, "ttml"),
        (ass, "ass"),
        (table_csv, "csv"),
        (table_tsv, "tsv"),
        (stamped, "txt"),
        (ranged, "txt"),
        (otter, "txt"),
        (plain, "txt"),
        (plain_above, "txt"),
        (markdown_bold, "md"),
        (markdown_headings, "md"),
        (markdown_plain, "md"),
        (markdown_timed, "md"),
        (page, "html"),
        (podcast_page, "html"),
        (podcast_json, "json"),
        (whisper_json, "json"),
        (word_document, "docx"),
    )
}
WRITERS: Final = CAPTIONS | TEXTS

NAMELESS: Final = frozenset({"karaoke", "growing", "rolling"})
# The code pages that languages are still written in.
CODE_PAGES: Final = {
    "de": "cp1252", "fr": "cp1252", "es": "cp1252", "tr": "cp1254", "uk": "cp1251", "ru": "cp1251",
    "el": "cp1253", "he": "cp1255", "ar": "cp1256", "th": "cp874", "zh": "gb18030", "ja": "cp932",
    "ko": "cp949",
}  # fmt: skip

# --- damage


def _break_times(chance: random.Random, text: str) -> str:
    """Spoil the times of one cue in five, in ways that were seen."""

    def spoil(found: re.Match[str]) -> str:
        if chance.random() > 0.2:
            return found[0]
        return chance.choice(
            (
                found[0].replace(":", ".", 1).replace(":", ";", 1),
                found[0].replace("-->", "->"),
                found[0].replace("-->", "\u2192"),
                found[0].replace("-->", "--&gt;"),
                re.sub(r"[.,]\d{3}", "", found[0]),
                re.sub(r"([.,]\d{3})", r"\g<1>000", found[0]),
                re.sub(r"([.,]\d)\d\d", r"\1", found[0]),
                re.sub(r"\b00:(\d\d:)", r"\1", found[0]),
                re.sub(r"^\d\d", "xx", found[0]),
                f"  {found[0]}  ",
            )
        )

    return re.sub(r"^.*-->.*$", spoil, text, flags=re.MULTILINE)


def _lose_blank_lines(chance: random.Random, text: str) -> str:
    return re.sub(r"\n\n(?=\d)", lambda found: "\n" if chance.random() < 0.2 else found[0], text)


def _double_blank_lines(chance: random.Random, text: str) -> str:
    return re.sub(r"\n\n", lambda found: chance.choice(("\n\n", "\n\n\n", "\n \n")), text)


def _blank_lines_inside(chance: random.Random, text: str) -> str:
    return re.sub(r"(-->.*\n[^\n]+)\n(?=[^\n])", lambda found: found[1] + chance.choice(("\n", "\n\n")), text)


DAMAGE: Final = (_break_times, _lose_blank_lines, _double_blank_lines, _blank_lines_inside)


def make(seed: int, *, kind: str | None = None, tongue: str | None = None) -> Made:
    """Make a file of a seed, in a format and a language of its own choice or a given one."""
    chance = random.Random(seed)
    tongue = tongue or chance.choice(sorted(LANGUAGES))
    kind = kind or chance.choice(sorted(WRITERS))
    named = chance.random() < 0.6 and kind not in NAMELESS
    language = LANGUAGES[tongue]
    talk = talk_in(chance, language, named=named)
    writer, ending = WRITERS[kind]
    written = writer(chance, talk, language)
    how = [f"seed {seed}", tongue, kind, "named" if named else "nobody named"]
    if isinstance(written, str):
        if kind in CAPTIONS and chance.random() < 0.4:
            damage = chance.choice(DAMAGE)
            written = damage(chance, written)
            how.append(damage.__name__)
        if chance.random() < 0.2:
            written = written.replace("\n", "\r\n")
            how.append("CRLF")
        encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"))
        if tongue in CODE_PAGES and ending in {"srt", "txt"} and chance.random() < 0.2:
            encoding = CODE_PAGES[tongue]
        if ending == "json":
            encoding = "utf-8"
        try:
            written = written.encode(encoding)
        except UnicodeEncodeError:  # somebody has a name from elsewhere
            encoding = "utf-8"
            written = written.encode(encoding)
        how.append(encoding)
    name = (
        f"talk.{ending}"
        if kind in CAPTIONS or ending in {"json", "ttml", "ass", "csv", "tsv"}
        else f"transcript.{ending}"
    )
    hinted = SourceType.TRANSCRIPT if name.startswith("transcript") else None
    return Made(name, written, talk, language, hinted, ", ".join(how))


def squeezed(text: str) -> str:
    """A text without what formats may change: white space, directions, and how marks are composed."""
    return re.sub(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069]", "", unicodedata.normalize("NFC", text))


def spoken_in(talk: Sequence[Turn]) -> list[tuple[str | None, str]]:
    """Who says what: what one says in a row is one."""
    return [
        (speaker, squeezed("".join(turn.text for turn in turns)))
        for speaker, turns in groupby(talk, key=lambda turn: turn.speaker and squeezed(turn.speaker))
    ]


def heard(made: Made) -> list[tuple[str | None, str]] | str:
    """Who says what as Episodic reads it, or why it does not."""
    document = Document(made.name, made.data, made.source_type, {})
    try:
        structure = read_with_front_matter(find_format(document), document)
    except SourceError as error:
        return str(error)
    if not structure.utterances:
        return "no speech"
    return spoken_in([Turn(said.speaker, said.text) for said in structure.utterances])


def main() -> int:
    """Try so many conversations from a seed, and show those that do not come out as they went in."""
    count, seed = (int(argument) for argument in sys.argv[1:3])
    wrong = 0
    for number in range(seed, seed + count):
        made = make(number)
        expected, found = spoken_in(made.talk), heard(made)
        if found != expected:
            wrong += 1
            print(f"{made.how}:")
            if isinstance(found, str):
                print(f"  {found}")
                continue
            at = next((n for n, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), -1)
            print(f"  in  {expected[at] if expected else None}")
            print(f"  out {found[at] if found else None}")
    print(f"{wrong} of {count} wrong")
    return min(1, wrong)


if __name__ == "__main__":
    sys.exit(main())
