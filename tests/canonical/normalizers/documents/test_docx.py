"""Word documents that are odd, or none."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from docx import Document

from episodic.canonical.errors import SourceError, SourceLimitError, UnsupportedFormatError
from tests.canonical.normalizers.conftest import Normalize
from tests.canonical.normalizers.test_isolation import DATA, docx

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(body: str, prolog: str = "") -> str:
    return f"{prolog}<w:document {NAMESPACE}>{body}</w:document>"


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


async def test_a_document_without_a_body_has_no_text(normalize: Normalize) -> None:
    with pytest.raises(SourceError, match="has no text; is it the right file"):
        await normalize(docx(word("").encode()), "a.docx")


async def test_a_paragraph_that_was_taken_out_of_its_list_is_no_item(normalize: Normalize) -> None:
    numbering = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
    body = paragraph("In", numbering.format(1)) + paragraph("Out", numbering.format(0))
    source = await normalize(docx(word(f"<w:body>{body}</w:body>").encode()), "a.docx")
    assert [(passage.kind, passage.text) for passage in source.passages] == [
        ("list_item", "In"),
        ("paragraph", "Out"),
    ]


async def test_hidden_text_is_left_out(normalize: Normalize) -> None:
    run = "<w:r><w:rPr>{}</w:rPr><w:t>{}</w:t></w:r>"
    hidden, not_hidden = "<w:b/><w:vanish/>", '<w:vanish w:val="0"/>'
    once = f"<w:rPrChange><w:rPr>{hidden}</w:rPr></w:rPrChange>"
    runs = run.format("", "A lamp ") + run.format(hidden, "secretly ") + run.format(not_hidden, "is lit")
    body = (
        f"<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>{runs}{run.format(once, ' again')}</w:p>"
        f"<w:p>{run.format(hidden, 'Top of Form')}</w:p>"
    )
    source = await normalize(docx(word(f"<w:body>{body}</w:body>").encode()), "a.docx")
    assert [passage.text for passage in source.passages] == ["A lamp is lit again"]


async def test_a_brief_may_be_a_table(normalize: Normalize) -> None:
    def row(*texts: str) -> str:
        return f"<w:tr>{''.join(f'<w:tc>{paragraph(text)}</w:tc>' for text in texts)}</w:tr>"

    table = row("Guest", "Ada Quist") + row("Episode", "12") + row("Host", "", "3 minutes")
    source = await normalize(docx(word(f"<w:body><w:tbl>{table}</w:tbl></w:body>").encode()), "a.docx")
    assert source.passages[-1].text == "Host | | 3 minutes"
    assert [(claim.value, claim.where) for claim in source.claims] == [
        ("Ada Quist", "paragraph 1"),
        ("12", "paragraph 2"),
    ]


async def test_fields_are_links_too(normalize: Normalize) -> None:
    def said(*instructions: str) -> str:
        return "".join(f"<w:r><w:instrText>{text}</w:instrText></w:r>" for text in instructions)

    begin, then, end = (
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
    )
    shown = "<w:r><w:t>{}</w:t></w:r>"
    split = (
        begin
        + said(' HYPERLINK "https://e.exam', 'ple/lens" \\o "Lens" ')
        + then
        + shown.format("the lens")
        + end
    )
    inner = begin + said(' HYPERLINK \\l "_Toc1" ') + then + shown.format("Steps") + end
    contents = begin + said(" TOC ") + then + inner + end
    simple = f"<w:fldSimple w:instr=' hyperlink https://e.example/2 '>{shown.format('two')}</w:fldSimple>"
    body = f"<w:body><w:p>{end}{contents}</w:p><w:p>{split}</w:p><w:p>{simple}{begin}</w:p></w:body>"
    source = await normalize(docx(word(body).encode()), "a.docx")
    assert [passage.text for passage in source.passages] == ["Steps", "the lens", "two"]
    assert [(claim.value, claim.qualifier) for claim in source.claims] == [
        ("https://e.example/lens", "the lens"),
        ("https://e.example/2", "two"),
    ]


@pytest.mark.parametrize(("encoding", "before"), [("utf-8", "<!--" + "x" * 5000 + "-->"), ("utf-16", "")])
async def test_a_document_type_is_refused_wherever_it_stands(
    normalize: Normalize, encoding: str, before: str
) -> None:
    prolog = f'<?xml version="1.0" encoding="{encoding}"?>{before}<!DOCTYPE w:document [<!ENTITY a "boom">]>'
    body = paragraph("&a;", '<w:pStyle w:val="&a;"/>')
    with pytest.raises(SourceError, match=r"word/document\.xml: has a DOCTYPE, which Episodic never expands"):
        await normalize(docx(word(f"<w:body>{body}</w:body>", prolog).encode(encoding)), "a.docx")


@pytest.mark.parametrize("depth", [150, 10_000])
async def test_a_document_that_is_nested_too_deeply_is_refused(normalize: Normalize, depth: int) -> None:
    body = "<w:sdt><w:sdtContent>" * depth + paragraph("x") + "</w:sdtContent></w:sdt>" * depth
    with pytest.raises(SourceLimitError, match="has elements nested more than 200 deep, the limit"):
        await normalize(docx(word(f"<w:body>{body}</w:body>").encode()), "a.docx")


async def test_a_document_with_macros_is_refused_with_what_to_do(normalize: Normalize) -> None:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(DATA / "docx" / "external.docx") as old,
        zipfile.ZipFile(made, "w") as new,
    ):
        for part in old.namelist():
            data = old.read(part)
            kind = b"vnd.openxmlformats-officedocument.wordprocessingml.document.main"
            new.writestr(part, data.replace(kind, b"vnd.ms-word.document.macroEnabled.main"))
    with pytest.raises(SourceError, match="it has macros, or is a template; save it as"):
        await normalize(made.getvalue(), "a.docm")


@pytest.mark.parametrize(
    ("part", "title"), [("xl/workbook.xml", "a spreadsheet"), ("ppt/presentation.xml", "a presentation")]
)
async def test_another_office_document_is_called_what_it_is(
    normalize: Normalize, part: str, title: str
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<x/>")
    with pytest.raises(UnsupportedFormatError, match=f"is {title}"):
        await normalize(made.getvalue(), "a.docx")


async def test_the_date_of_python_docx_s_template_is_no_date(normalize: Normalize) -> None:
    def saved(**moments: datetime) -> bytes:
        document = Document()
        document.add_paragraph("A lamp is lit.")
        for name, moment in moments.items():
            setattr(document.core_properties, name, moment)
        data = io.BytesIO()
        document.save(data)
        return data.getvalue()

    assert (await normalize(saved(), "a.docx")).dated is None
    edited = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert (await normalize(saved(modified=edited), "a.docx")).dated == edited
    assert (await normalize(saved(created=edited), "a.docx")).dated == edited


_SAID = [("Maya Okafor", "How far?"), ("Tomás", "¿Quién sabe? Twenty miles."), ("Maya Okafor", "I see.")]


@pytest.mark.parametrize("mark", ["w:b", "w:i"])
async def test_a_name_that_only_stands_out_speaks_where_it_comes_again(
    normalize: Normalize, mark: str
) -> None:
    run = "<w:r><w:rPr><{}/></w:rPr><w:t>{}</w:t></w:r><w:r><w:t> {}</w:t></w:r>"
    body = "".join(f"<w:p>{run.format(mark, name, text)}</w:p>" for name, text in _SAID)
    source = await normalize(docx(word(f"<w:body>{body}</w:body>").encode()), "a.docx")
    assert [(each.speaker, each.text) for each in source.utterances] == _SAID


async def test_what_stands_out_once_in_each_paragraph_is_what_it_is_about(normalize: Normalize) -> None:
    run = "<w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r><w:r><w:t> {}</w:t></w:r>"
    about = [("Maya Okafor", "hosts it."), ("Tomás", "edits it."), ("Maya Okafor", "is from Cork.")]
    body = "".join(f"<w:p>{run.format(name, text)}</w:p>" for name, text in about)
    source = await normalize(docx(word(f"<w:body>{body}</w:body>").encode()), "a.docx")
    assert not source.utterances
