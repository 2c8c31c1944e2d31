"""Conversations in many languages: what people say, and what they are called."""

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple


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


def long_talk(count: int, language: Language) -> Talk:
    """A conversation of so many turns, with nothing in it but words and names: to measure by."""
    chance = random.Random(count)
    names = language.names[:3]
    return [
        Turn(names[at % len(names)], language.space.join(chance.choices(language.words, k=10)) + language.end)
        for at in range(count)
    ]
