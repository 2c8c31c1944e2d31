"""Encodings that nothing declares: which one a text is in, and when it is damaged UTF-8."""

import chardet
import pytest

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.decoding import decode
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.registry import find_format, read
from episodic.canonical.sources import Doubt

SAID = {
    "cp1250": (
        "Večer na svjetioniku. Tko zna što će donijeti noć? Žena je šutjela i čekala.",
        "Dobry wieczór, witamy. Dziś będziemy rozmawiać o latarni, która świeci już sto lat.",
        "Jó estét kívánok, üdvözöljük a műsorban. Ma a fényről beszélünk, amelyet őriznek.",
        "Dobrý večer, vítejte. Dnes budeme mluvit o světle, které lidé udržují při životě.",
    ),
    "iso8859-2": (
        "Večer na svjetioniku. Tko zna što će donijeti noć? Žena je šutjela i čekala.",
        "Dobrý večer, vítejte. Dnes budeme mluvit o světle, které lidé udržují při životě.",
    ),
    "cp1251": ("Добрый вечер, это передача о маяке, который горит уже сто лет.",),
    "koi8-r": ("Добрый вечер, это передача о маяке, который горит уже сто лет.",),
    "cp1252": (
        "Guten Abend, schön dass Sie da sind. Heute geht es um Größe und Maß.",
        "Bonsoir et bienvenue à l'émission. C'était très beau, n'est-ce pas ?",
        "It’s a café – “naïve”, they said. Half an hour at 20°C, ½ a cup, and plain words after it.",
        "¿Cómo está usted? Hoy hablaremos de la luz. ¡Qué año, señor!",
    ),
    "cp1253": ("Καλησπέρα σας, αυτή είναι η εκπομπή για το φως.",),
    "cp1254": ("İyi akşamlar, programa hoş geldiniz. Bugün ışıktan konuşacağız, çünkü çok güzel.",),
    "cp1255": ("ערב טוב וברוכים הבאים לתוכנית. היום נדבר על האור שאנשים שומרים.",),
    "cp1256": ("مساء الخير ومرحبا بكم في البرنامج. سنتحدث اليوم عن الضوء الذي يحافظ عليه الناس.",),
    "cp1257": (
        "Labas vakaras, sveiki atvykę į laidą. Šiandien kalbėsime apie šviesą, kurią žmonės saugo.",
        "Labvakar, laipni lūdzam raidījumā. Šodien runāsim par gaismu, ko cilvēki sargā.",
    ),
    "cp932": ("こんばんは、灯台の番組へようこそ。今日は百年燃え続けている光について話します。",),
    "gb18030": ("晚上好，欢迎收听我们的节目。今天我们谈谈人们一直守护的光。",),
    "cp949": ("안녕하세요, 등대 프로그램에 오신 것을 환영합니다. 오늘은 빛에 대해 이야기합니다.",),
}


@pytest.mark.parametrize(
    ("encoding", "said"), [(encoding, said) for encoding, texts in SAID.items() for said in texts]
)
@pytest.mark.parametrize("form", ["{}", "1\n00:00:01,000 --> 00:00:04,000\n{}\n"], ids=["prose", "captions"])
def test_a_code_page_is_told_by_its_language(encoding: str, said: str, form: str) -> None:
    text = form.format(said)
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert any("a guess" in doubt.text for doubt in decoded.doubts)


@pytest.mark.parametrize("said", ["– Hello.", "£5, or 20°C", "“Yes”", "½ of it"])
def test_signs_alone_are_windows_1252(said: str) -> None:
    assert decode(said.encode("cp1252")).text == said


@pytest.mark.parametrize(
    "data",
    [
        "The café is here, and so am I.".encode().replace(b"here", b"h\xffre"),
        "Łódź, naïve, déjà vu and a text that was cut off at é".encode()[:-1],
        "Večer na svjetioniku \xff i noć".encode().replace(b"\xc3\xbf", b"\xff"),
    ],
)
def test_one_bad_byte_leaves_utf_8_what_it_is(data: bytes) -> None:
    decoded = decode(data)
    assert (decoded.encoding, decoded.text.count("\ufffd")) == ("utf-8", 1)
    assert decoded.damage > 0
    assert decoded.doubts == (Doubt.damaged("characters that could not be decoded: 1"),)


def test_what_is_no_text_in_any_encoding_is_refused() -> None:
    with pytest.raises(UnreadableError, match="binary"):
        decode(bytes(range(256)) * 4)


@pytest.mark.parametrize("cues", [3, 3000])
def test_an_encoding_is_guessed_once(monkeypatch: pytest.MonkeyPatch, cues: int) -> None:
    said = "\n".join(
        f"{n}\n00:{n // 60:02}:{n % 60:02},000 --> 00:59:59,000\nGrüße, Jörg {n}.\n" for n in range(cues)
    )
    guesses: list[int] = []
    detect_all = chardet.detect_all

    def counted(sample: bytes, **options: object) -> object:
        guesses.append(len(sample))
        return detect_all(sample, **options)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(chardet, "detect_all", counted)
    document = Document("talk.srt", said.encode("cp1252"))
    assert read(find_format(document), document).structure.utterances[0].text == "Grüße, Jörg 0."
    assert len(guesses) == 1
