"""A corrected text in any script: unchanged it decides nothing, and what differs is all that is replaced."""

import json
from pathlib import Path

import docx
import pytest

from tests.cli.program import Run

# Who speaks, and what: with marks, numbers and Latin words as people write them in the script.
TALKS = {
    "ar": [
        ("مها", "مرحبا بكم في برنامج المنارة."),
        ("علي", "كم درجة؟ 196 درجة، أليس كذلك؟"),
        ("مها", "نعم."),
    ],
    "de": [
        ("Anna", "Der Leuchtturm — 1862 gebaut — brennt noch."),
        ("Jörg", "Größer als „unser“ Turm?"),
        ("Anna", "Ja."),
    ],
    "hi": [("आशा", "नमस्ते, आज हम दीपघर की बात करेंगे।"), ("रवि", "कितनी सीढ़ियाँ हैं? 196 सीढ़ियाँ।"), ("आशा", "हाँ।")],
    "ja": [
        ("田中", "最初は晴れ。灯台の「光」が、遠くまで届きます。"),
        ("佐藤", "Tシャツを3枚、iPhone 16 も買いました。"),
        ("田中", "ええ。"),
    ],
    "ko": [
        ("김지수", "오늘 우리는 등대에 올라갑니다."),
        ("박민", "계단이 196개라고요? 정말요?"),
        ("김지수", "네."),
    ],
    "ru": [
        ("Аня", "Сегодня мы поднимаемся на маяк."),
        ("Борис", "Да, — сказал он, — на маяк."),
        ("Аня", "Вот."),
    ],
    "th": [("สมชาย", "สวัสดีครับ วันนี้เราจะพูดถึงประภาคารเก่า"), ("มาลี", "มีบันได 196 ขั้น ใช่ไหมคะ"), ("สมชาย", "ใช่ครับ")],
    "zh": [("王伟", "我们今天上了灯塔，看《光》。"), ("李娜", "真的吗？2026年也很高！"), ("王伟", "真的。")],
}
ENDINGS = (".md", ".txt", ".vtt", ".srt", ".xml", ".podcast.json", ".podcast.html", ".docx")


def export(run: Run, file: Path, *more: str) -> Path:
    if file.suffix == ".docx":
        document = docx.Document()
        for line in run("show", "s/one", "--format", "text").out.splitlines():
            document.add_paragraph(line)
        document.save(str(file))
    else:
        assert run("show", "s/one", "--output", str(file), *more).code == 0
    return file


@pytest.fixture(params=sorted(TALKS))
def script(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> str:
    talk = TALKS[request.param]
    cues = (
        f"00:{5 * at:02}.000 --> 00:{5 * at + 4:02}.500\n<v {who}>{text}"
        for at, (who, text) in enumerate(talk)
    )
    (tmp_path / "talk.vtt").write_text("\n\n".join(["WEBVTT", *cues]) + "\n", encoding="utf-8")
    assert run("ingest", str(tmp_path / "talk.vtt"), "--series", "s", "--episode", "one").code == 0
    return request.param


def test_an_unchanged_export_decides_nothing_in_any_script(run: Run, tmp_path: Path, script: str) -> None:
    for ending in ENDINGS:
        done = run("apply", "s/one", str(export(run, tmp_path / f"one{ending}")))
        assert ("nothing differs" in done.out, done.err) == (True, ""), (ending, done.out, done.err)


CORRECTED = {
    "ja": ("遠くまで", "近くまで", "遠", "近"),
    "zh": ("灯塔", "城塔", "灯", "城"),
    "th": ("ประภาคารเก่า", "ประภาคารใหม่", "เก่า", "ใหม่"),
    "de": ("1862", "1863", "1862", "1863"),
}


@pytest.mark.parametrize("script", sorted(CORRECTED), indirect=True)
@pytest.mark.parametrize("ending", [".vtt", ".docx"])
def test_the_words_that_differ_are_replaced_and_no_others(
    run: Run, tmp_path: Path, script: str, ending: str
) -> None:
    wrong, right, was, now = CORRECTED[script]
    before = run("show", "s/one", "--format", "text").out
    file = export(run, tmp_path / f"one{ending}")
    if ending == ".docx":
        document = docx.Document(str(file))
        for paragraph in document.paragraphs:
            paragraph.text = paragraph.text.replace(wrong, right)
        document.save(str(file))
    else:
        file.write_text(file.read_text("utf-8").replace(wrong, right), encoding="utf-8")
    made = json.loads(run("apply", "s/one", str(file), "--json").out)["decisions"]
    assert len(made) == before.count(wrong)
    for each in made:
        words = each["address"].partition("/")[2]
        assert was in words
        assert len(words) <= len(was) + 8
        assert each["text"] == words.replace(was, now)
    assert run("show", "s/one", "--format", "text").out == before.replace(wrong, right)
    context = run("decisions", "s/one").out
    assert f"[{now}|{was}]" in context or f"[{made[0]['text']}|" in context
    if script != "de":
        assert " [" not in context
        assert "] " not in context


# What looks like markup, names, times or lines of the format, and was said; and names that look like words.
ODD = {
    "markup": [
        ("Ada", "So you write <b>bold</b> and <v Bob> in it."),
        ("Bob", "Or <i>x</i>, {\\an8} and &amp; or &lt;b&gt;."),
        ("Ada", "List<String> a --> b, 00:01.000 --> 00:02.000 is a cue."),
    ],
    "marks": [
        ("Ada", "# Title, he said."),
        ("Bob", "- A list? 1. One. * two *"),
        ("Ada", "> quoted [link](x) `code` _under_ **bold**"),
        ("Bob", "12"),
        ("Ada", "NOTE this"),
        ("Bob", "WEBVTT"),
    ],
    "bidi": [
        (
            "\u05de\u05d9\u05db\u05dc",
            "\u05e9\u05dc\u05d5\u05dd \u200eABC\u200f, \u202b\u05e0\u05db\u05d5\u05df\u202c?",
        ),
        ("Bob", "\u0646\u0639\u0645 \u2067test\u2069 123."),
        ("\u05de\u05d9\u05db\u05dc", "\u05db\u05df."),
    ],
    "emoji": [
        ("Zo\u00eb \U0001f399\ufe0f", "I \U0001f469\u200d\U0001f466 love it! \U0001f44d\U0001f3fd"),
        ("Bob", "\U0001f44d"),
    ],
    "colons": [
        ("Dr. Who: The Second", "Hello: world. Note: this."),
        ("Bob: Jr.", "Ada: yes. Speaker 1: no."),
        ("A:B", "10:30 is the time: now."),
    ],
    "nobody": [("", "Hello there."), ("", "Nobody: said."), ("Ada", "Yes."), ("", "And on.")],
    "like names": [
        ("Jo", "Yes: it is."),
        ("[Jo]", "(laughs) oh [music] no"),
        ("<Mary>", "hi"),
        ("M & Co. <b>", "hi"),
    ],
    "long": [("Ada", "word " * 3000 + "end."), ("Bob", "x" * 500), ("Ada", "y.")],
    "dashes": [("Ada", "- yes -- no \u2014 maybe"), ("Bob", "-- well"), ("Ada", "\u2013 hm")],
    "fields": [
        ("Ada", "Title: My show"),
        ("Bob", "Speaker: me"),
        ("Ada", "[00:01] hi (00:02) there 00:03 x"),
    ],
}


def say(run: Run, tmp_path: Path, name: str, seconds: float = 4.0) -> None:
    """Ingest a talk in which each utterance lasts so many seconds."""
    said = [
        {"start": at * seconds, "end": (at + 1) * seconds, "speaker": who, "text": text}
        for at, (who, text) in enumerate(ODD[name])
    ]
    (tmp_path / "talk.json").write_text(json.dumps(said), encoding="utf-8")
    assert run("ingest", str(tmp_path / "talk.json"), "--series", "s", "--episode", "one").code == 0


@pytest.mark.parametrize("seconds", [4.0, 0.001])
@pytest.mark.parametrize("name", sorted(ODD))
def test_an_unchanged_export_of_what_looks_like_something_else_decides_nothing(
    run: Run, tmp_path: Path, name: str, seconds: float
) -> None:
    say(run, tmp_path, name, seconds)
    spoken = [(ending, "as-spoken") for ending in (".vtt", ".srt")]
    for ending, cues in [*((each, "to-read") for each in ENDINGS if seconds > 1), *spoken]:
        done = run("apply", "s/one", str(export(run, tmp_path / f"one{ending}", "--cues", cues)))
        assert ("nothing differs" in done.out, done.err) == (True, ""), (ending, cues, done.out, done.err)


@pytest.mark.parametrize("ending", [each for each in ENDINGS if each != ".docx"])
def test_beside_what_looks_like_markup_only_the_correction_is_decided(
    run: Run, tmp_path: Path, ending: str
) -> None:
    say(run, tmp_path, "markup")
    file = export(run, tmp_path / f"one{ending}")
    file.write_text(file.read_text(encoding="utf-8").replace("you write", "we wrote"), encoding="utf-8")
    done = json.loads(run("apply", "s/one", str(file), "--dry-run", "--json").out)
    assert [each["text"] for each in done["decisions"]] == ["we wrote"]


@pytest.mark.parametrize(
    ("name", "address"),
    [("markup", "0:00:08/00:01.000"), ("fields", "0:00:08/[00:01]"), ("colons", "0:00:04/Ada:")],
)
def test_what_looks_like_something_else_is_no_conflict_with_what_others_decided(
    run: Run, tmp_path: Path, name: str, address: str
) -> None:
    say(run, tmp_path, name)
    files = [export(run, tmp_path / f"one{ending}") for ending in ENDINGS]
    assert run("decide", "s/one", address, "--text", "zebra", "--by", "Lena").code == 0
    for file in files:
        done = run("apply", "s/one", str(file), "--revision", "1")
        assert ("nothing differs" in done.out, done.err) == (True, ""), (file.name, done.out, done.err)


@pytest.mark.parametrize("ending", [".vtt", ".srt"])
def test_captions_correct_what_has_no_times(run: Run, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"cues{ending}"
    head, point = ("WEBVTT\n\n", ".") if ending == ".vtt" else ("1\n", ",")
    file.write_text(f"{head}00:00:00{point}000 --> 00:00:09{point}000\nSo the tower was built of brick.\n")
    (tmp_path / "talk.txt").write_text("Ada: So the tower was built of stone.\n\nAda: It is tall.\n")
    assert run("ingest", str(tmp_path / "talk.txt"), "--series", "s", "--episode", "one").code == 0
    done = json.loads(run("apply", "s/one", str(file), "--json").out)
    assert "brick." in [each["text"] for each in done["decisions"]]


@pytest.mark.parametrize("name", ["markup", "marks", "bidi", "dashes"])
@pytest.mark.parametrize("ending", [".vtt", ".srt"])
def test_captions_of_what_looks_like_something_else_are_read_back(
    run: Run, tmp_path: Path, name: str, ending: str
) -> None:
    say(run, tmp_path, name)
    file = export(run, tmp_path / f"one{ending}", "--cues", "as-spoken")
    file.write_text(file.read_text(encoding="utf-8").replace("NOTE Episodic", "NOTE"), encoding="utf-8")
    assert run("ingest", "--source", f"transcript={file}", "--series", "s", "--episode", "two").code == 0
    one, two = (json.loads(run("show", f"s/{name}", "--format", "json").out) for name in ("one", "two"))
    for key in ("speaker", "text", "start", "end"):
        assert [u[key] for u in one["utterances"]] == [u[key] for u in two["utterances"]]
