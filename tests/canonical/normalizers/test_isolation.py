"""A document that crashes, hangs or swells its parser costs itself and nothing else."""

# What is tested are processes, which no one sees from outside.
# pyright: reportPrivateUsage=false

import asyncio
import gc
import io
import itertools
import os
import signal
import sys
import threading
import zipfile
import zlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from episodic.canonical.errors import SourceError, SourceLimitError, UnsupportedFormatError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers import registry
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.isolation import pool
from episodic.canonical.normalizers.isolation.pool import WorkerPool
from episodic.canonical.normalizers.isolation.process import WorkerProcess
from episodic.canonical.normalizers.isolation.sandbox import Walls
from episodic.canonical.normalizers.isolation.worker import OutsideError, OutsideRefused
from episodic.canonical.normalizers.normalizer import ISOLATED_ENDINGS, SourceNormalizer
from episodic.canonical.sources import NormalizedSource, RawSource, Utterance

DATA = Path(__file__).parents[2] / "data" / "normalizers"
SMALL = b"<html><body><p>Small and quick.</p></body></html>"
# Takes trafilatura many seconds.
SLOW = (
    b"<html><body><nav>x</nav>" + b"<p>A paragraph like all the others, <b>again</b> and again.</p>" * 100_000
)


@pytest.fixture(autouse=True)
def processes_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each normalizer here: other tests share theirs."""
    monkeypatch.setattr("episodic.canonical.normalizers.normalizer.WorkerPool", WorkerPool)


@pytest.fixture
def normalizer() -> Iterator[SourceNormalizer]:
    made = SourceNormalizer(Limits(parse_workers=1, parse_seconds=20))
    yield made
    made.close()


async def normalize(
    normalizer: SourceNormalizer, data: bytes, name: str = "page.html", **metadata: str
) -> NormalizedSource:
    async def load() -> bytes:
        return data

    return await normalizer.normalize(RawSource(name, load, metadata=metadata))


def raw(name: str) -> RawSource:
    async def load() -> bytes:
        return b""

    return RawSource(name, load)


def pool_of(normalizer: SourceNormalizer) -> WorkerPool:
    return normalizer._workers


def workers_of(normalizer: SourceNormalizer) -> set[WorkerProcess]:
    return pool_of(normalizer)._workers._all


async def until_busy(pool: WorkerPool, after: int = 0) -> int:
    """Wait until a worker reads a document, another one than `after`; its process id."""
    async with asyncio.timeout(100):
        while not (  # noqa: ASYNC110 - another process tells no event
            ready := {worker._process.pid for worker in pool._workers._all if worker.ready} - {after}
        ):
            await asyncio.sleep(0.01)
    return ready.pop()


def docx(document: bytes) -> bytes:
    """The small Word document with another body."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(DATA / "docx" / "external.docx") as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, document if part == "word/document.xml" else old.read(part))
    return made.getvalue()


async def test_keys_on_the_terminal_are_not_for_the_process_that_parses(normalizer: SourceNormalizer) -> None:
    reading = asyncio.create_task(normalize(normalizer, SMALL))
    process = await until_busy(pool_of(normalizer))
    assert os.getpgid(process) == process != os.getpgid(0)  # a key signals the group of the program
    await reading


async def test_a_few_small_documents_of_several_formats_share_one_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "_PATIENCE_SECONDS", 60.0)
    normalizer = SourceNormalizer(Limits(parse_workers=4))
    async with asyncio.TaskGroup() as group:
        for name, data in (("a.html", SMALL), ("b.md", b"# Notes"), ("c.md", b"---\ntitle: C\n---\nText")):
            group.create_task(normalize(normalizer, data, name))
    assert len(workers_of(normalizer)) == 1
    normalizer.close()


async def test_a_name_that_is_not_unicode_is_no_fault_of_what_it_names(normalizer: SourceNormalizer) -> None:
    captions = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello, all of you.\n"
    names = [os.fsdecode(name) for name in (b"caf\xe9.md", b"caf\xe9.vtt", b"captions.\xe9")]
    normalizer.expect(map(raw, names))
    for name in names:
        read = await normalize(normalizer, captions, name)
        assert (read.uri, len(read.utterances)) == (name, 1)
    assert any(worker.ready for worker in workers_of(normalizer))
    with pytest.raises(SourceError, match="is a ZIP archive") as failed:
        await normalize(normalizer, b"PK\x03\x04", names[0].replace("md", "docx"))
    assert failed.value.uri == names[0].replace("md", "docx")


async def test_what_is_small_is_read_in_the_process_that_is_expected_and_says_the_same(
    normalizer: SourceNormalizer,
) -> None:
    captions = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello, all of you.\n"
    here = await normalize(normalizer, captions, "a.vtt", language="German", trusted="yes")
    assert not workers_of(normalizer)
    normalizer.expect([raw("a.vtt"), raw("notes.md")])
    await until_busy(pool_of(normalizer))
    (worker,) = workers_of(normalizer)
    os.kill(worker._process.pid, signal.SIGSTOP)
    reading = asyncio.create_task(normalize(normalizer, captions, "a.vtt", language="German", trusted="yes"))
    large = await normalize(normalizer, captions + b"\n" * 2**20, "a.vtt", language="German", trusted="yes")
    assert not reading.done()  # what is large is read here
    assert large.utterances == here.utterances
    os.kill(worker._process.pid, signal.SIGCONT)
    assert await reading == here
    normalizer.rest()
    assert await normalize(normalizer, captions, "a.vtt", language="German", trusted="yes") == here
    assert not any(each.alive for each in workers_of(normalizer))


async def test_what_is_small_waits_for_no_process_that_does_not_get_ready(
    normalizer: SourceNormalizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("episodic.canonical.normalizers.normalizer._WORKER_SECONDS", 0.1)
    start = WorkerProcess.__init__

    def stopped(self: WorkerProcess, limits: Limits) -> None:
        start(self, limits)
        os.kill(self._process.pid, signal.SIGSTOP)

    monkeypatch.setattr(WorkerProcess, "__init__", stopped)
    normalizer.expect([raw("a.vtt"), raw("notes.md")])
    captions = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello, all of you.\n"
    read = await normalize(normalizer, captions, "a.vtt")
    assert [said.speaker for said in read.utterances] == ["Ann"]


@pytest.mark.parametrize(("late", "says"), [(1, None), (2, "the second was not ready in 20 seconds")])
async def test_a_process_that_does_not_get_ready_is_replaced_once(
    normalizer: SourceNormalizer, monkeypatch: pytest.MonkeyPatch, late: int, says: str | None
) -> None:
    load, times = WorkerProcess.load, itertools.count(1)

    def loaded(self: WorkerProcess, endings: AbstractSet[str]) -> Walls:
        if next(times) <= late:
            raise TimeoutError
        return load(self, endings)

    monkeypatch.setattr(WorkerProcess, "load", loaded)
    if says is None:
        assert (await normalize(normalizer, SMALL, "small.html")).passages
        return
    with pytest.raises(SourceError, match=says):
        await normalize(normalizer, SMALL, "small.html")


async def test_what_a_process_reads_is_dated_and_refused_as_it_is_here(normalizer: SourceNormalizer) -> None:
    feed = (
        b"<rss version='2.0'><channel><title>Light</title><language>sgn-UK</language><item><title>One</title>"
        b"<pubDate>Tue, 03 Mar 2026 00:30:00 +0900</pubDate></item></channel></rss>"
    )
    here = await normalize(normalizer, feed, "feed.rss")
    assert here.language  # a tag that another takes the place of, which has a successor itself
    normalizer.expect([raw("notes.md")])
    there = await normalize(normalizer, feed, "feed.rss")
    assert there == here
    assert there.dated
    assert here.dated
    assert there.dated.isoformat() == here.dated.isoformat() == "2026-03-03T00:30:00+09:00"
    with pytest.raises(UnsupportedFormatError, match="is MP3 audio"):
        await normalize(normalizer, b"ID3\3" + bytes(99), "a.mp3")
    assert workers_of(normalizer)


def test_the_endings_that_ask_for_a_process_are_those_of_the_formats_that_need_it() -> None:
    suffixes = (known.suffixes for known in registry.FORMATS if not known.isolated_above)
    assert frozenset(itertools.chain(*suffixes)) == ISOLATED_ENDINGS


async def test_the_process_that_a_name_asks_for_starts_before_its_document_is_here(
    normalizer: SourceNormalizer,
) -> None:
    normalizer.expect([raw("a.vtt"), raw("notes.md")])
    process = await until_busy(pool_of(normalizer))
    await normalize(normalizer, b"# Notes", "notes.md")
    assert [worker._process.pid for worker in workers_of(normalizer)] == [process]


async def test_names_that_need_no_process_start_none(normalizer: SourceNormalizer) -> None:
    normalizer.expect([raw("a.vtt"), raw("feed.rss"), raw("notes")])
    await normalize(normalizer, b"Ann: Hello.", "b.txt")
    assert not workers_of(normalizer)


@pytest.mark.parametrize("interpreter", ["/bin/false", "/nowhere/python"])
async def test_an_expected_process_that_does_not_start_is_no_error_before_a_document_needs_it(
    normalizer: SourceNormalizer, interpreter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", interpreter)
        normalizer.expect([raw("notes.md")])
        assert (await normalize(normalizer, b"Ann: Hello.", "a.txt")).utterances  # read in a thread
    assert (await normalize(normalizer, b"# Notes", "notes.md")).format == "markdown"


async def test_a_document_that_waits_for_a_large_one_gets_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "_PATIENCE_SECONDS", 0.05)
    normalizer = SourceNormalizer(Limits(parse_workers=2))
    slow = asyncio.create_task(normalize(normalizer, SLOW))
    await until_busy(pool_of(normalizer))
    await normalize(normalizer, SMALL)
    assert not slow.done()
    slow.cancel()
    normalizer.close()


async def test_a_crash_is_that_sources_error_and_the_next_source_is_read(
    normalizer: SourceNormalizer,
) -> None:
    doomed = asyncio.create_task(normalize(normalizer, SLOW))
    os.kill(await until_busy(pool_of(normalizer)), signal.SIGSEGV)
    with pytest.raises(SourceError, match=r"page.html: made its parser crash, which was killed by SIGSEGV"):
        await doomed
    assert (await normalize(normalizer, SMALL)).passages[0].text == "Small and quick."


async def test_a_worker_that_was_killed_while_it_was_idle_costs_no_source(
    normalizer: SourceNormalizer,
) -> None:
    await normalize(normalizer, SMALL)
    os.kill(await until_busy(pool_of(normalizer)), signal.SIGKILL)
    assert (await normalize(normalizer, SMALL)).passages


async def test_what_is_idle_ends_when_the_normalizer_rests_and_what_is_busy_does_not() -> None:
    normalizer = SourceNormalizer(Limits(parse_workers=2))
    await normalize(normalizer, SMALL)
    (idle,) = workers_of(normalizer)
    normalizer.rest()
    assert not idle.alive  # at once, whenever the system ends it: two that are dying would cost a source
    await asyncio.to_thread(idle._process.wait, 20)
    reading = asyncio.create_task(normalize(normalizer, SMALL))
    await until_busy(pool_of(normalizer), idle._process.pid)
    normalizer.rest()
    assert (await reading).passages
    normalizer.close()


async def test_a_source_whose_workers_are_killed_is_tried_twice(normalizer: SourceNormalizer) -> None:
    doomed = asyncio.create_task(normalize(normalizer, SLOW))
    os.kill(first := await until_busy(pool_of(normalizer)), signal.SIGKILL)
    os.kill(await until_busy(pool_of(normalizer), after=first), signal.SIGKILL)
    with pytest.raises(
        SourceError, match=r"page.html: had two parsers end; the second was killed by SIGKILL, as"
    ):
        await doomed


async def test_a_hang_ends_at_the_time_limit_and_the_next_source_is_read() -> None:
    normalizer = SourceNormalizer(Limits(parse_workers=1, parse_seconds=0.5))
    with pytest.raises(
        SourceLimitError, match=r"took more than 0.5 seconds to read, the limit; raise EPISODIC_PARSE_SECONDS"
    ):
        await normalize(normalizer, SLOW)
    assert (await normalize(normalizer, SMALL)).passages
    normalizer.close()


class Hanging(Format):
    """A format that is read in a thread, which does not come back before it is let go."""

    name = "hanging"
    title = "a format that hangs"

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def recognizes(self, head: Head) -> bool:
        return False

    def read(self, document: Document) -> Structure:
        self.let_go.wait(30)
        return Structure(utterances=(Utterance("Late.", "line 1"),))


async def test_the_time_limit_holds_for_what_is_read_in_a_thread_too(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = Hanging()
    monkeypatch.setitem(registry.by_name(), hanging.name, hanging)
    normalizer = SourceNormalizer(Limits(parse_seconds=0.2))
    try:
        with pytest.raises(SourceLimitError, match=r"a.txt: took more than 0.2 seconds to read, the limit"):
            await normalize(normalizer, b"x", "a.txt", format=hanging.name)
        assert (await normalize(normalizer, b"Words.", "b.txt")).passages
    finally:
        hanging.let_go.set()


async def test_a_large_feed_has_a_process_of_its_own_and_says_the_same(normalizer: SourceNormalizer) -> None:
    feed = b"<rss><channel><title>x</title><item><title>One</title></item></channel></rss>"
    small = await normalize(normalizer, feed, "feed.xml")
    assert not workers_of(normalizer)
    large = await normalize(normalizer, feed + b" " * 2**20, "feed.xml")
    assert workers_of(normalizer)
    assert (large.format, large.claims) == (small.format, small.claims)


async def test_a_large_feed_that_takes_too_long_is_refused() -> None:
    # What is ill-formed is mended first.
    item = b"<item><title>Words &amp; more words & others</title><description>Words.</description></item>"
    normalizer = SourceNormalizer(Limits(parse_workers=1, parse_seconds=0.5))
    with pytest.raises(SourceLimitError, match=r"feed.xml: took more than 0.5 seconds to read, the limit"):
        await normalize(normalizer, b"<rss><channel>" + item * 40_000, "feed.xml")
    normalizer.close()


async def test_a_document_that_swells_is_refused_and_the_next_source_is_read() -> None:
    normalizer = SourceNormalizer(Limits(parse_workers=1, worker_bytes=96 * 2**20))
    namespace = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    swollen = docx(
        b"<w:document " + namespace + b"><w:body>" + b"<w:p/>" * 4_000_000 + b"</w:body></w:document>"
    )
    assert len(swollen) < 200_000
    with pytest.raises(SourceLimitError, match="takes more than 100663296 bytes of memory"):
        await normalize(normalizer, swollen, "notes.docx")
    assert (await normalize(normalizer, (DATA / "docx" / "external.docx").read_bytes(), "a.docx")).passages
    normalizer.close()


async def test_a_pdf_that_swells_is_refused_for_its_likely_cause() -> None:
    normalizer = SourceNormalizer(Limits(parse_workers=1, worker_bytes=32 * 2**20))
    before, _, rest = (DATA / "pdf" / "links.pdf").read_bytes().partition(b"<< /Length")
    stream = zlib.compress(b" " * 64 * 2**20)
    head = b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream)
    swollen = before + head + stream + rest[rest.index(b"\nendstream") :]
    with pytest.raises(SourceError, match="most likely it takes more than 33554432 bytes of memory to read"):
        await normalize(normalizer, swollen, "notes.pdf")
    normalizer.close()


@pytest.mark.parametrize("mebibytes", [23, 49, 101])
@pytest.mark.parametrize(
    ("name", "document"),
    [
        # lxml finds an unknown error in it, where it gets no memory.
        ("a.html", b"<html><body>" + b"<p><b>a</b> b <i>c</i>" * 100_000 + b"</body></html>"),
        # It is read, and its answer finds no room.
        ("a.md", b"# T\n\n" + b"* a *b* [c](d)\n\n" * 160_000),
        # Mending finds no room, and it does look damaged.
        ("a.rss", b"<rss><channel>" + b"<item><title>a & b</title><guid>1</item>" * 60_000),
    ],
    ids=["html", "markdown", "rss"],
)
async def test_whatever_notices_that_memory_is_full_the_limit_is_said(
    name: str, document: bytes, mebibytes: int
) -> None:
    limits = Limits(parse_workers=1, worker_bytes=mebibytes * 2**20, parse_seconds=3600)
    normalizer = SourceNormalizer(limits)
    with pytest.raises(SourceLimitError, match=rf"takes more than {limits.worker_bytes} bytes of memory"):
        await normalize(normalizer, document, name)
    normalizer.close()


async def test_what_one_document_leaves_does_not_count_against_the_next() -> None:
    normalizer = SourceNormalizer(Limits(parse_workers=1, worker_bytes=20 * 2**20))
    namespace = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    paragraphs = b"<w:p><w:r><w:t>A few words.</w:t></w:r></w:p>" * 20_000
    large = docx(b"<w:document " + namespace + b"><w:body>" + paragraphs + b"</w:body></w:document>")
    for _ in range(3):
        assert len((await normalize(normalizer, large, "notes.docx")).passages) == 20_000
    normalizer.close()


async def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    normalizer = SourceNormalizer(Limits(unpacked_bytes=2**20))
    with pytest.raises(
        SourceLimitError, match="than 1048576 bytes, the limit; raise EPISODIC_UNPACKED_BYTES or"
    ):
        await normalize(normalizer, docx(b" " * 2**21), "notes.docx")
    normalizer.close()


async def test_more_pages_than_the_limit_are_refused() -> None:
    normalizer = SourceNormalizer(Limits(pages=1))
    with pytest.raises(
        SourceLimitError, match="has 2 pages, more than 1, the limit; raise EPISODIC_PAGES or"
    ):
        await normalize(normalizer, (DATA / "pdf" / "brief.pdf").read_bytes(), "brief.pdf")
    normalizer.close()


async def test_cancelling_a_source_ends_its_process(normalizer: SourceNormalizer) -> None:
    doomed = asyncio.create_task(normalize(normalizer, SLOW))
    process = next(
        worker._process
        for pid in [await until_busy(pool_of(normalizer))]
        for worker in workers_of(normalizer)
        if worker._process.pid == pid
    )
    doomed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doomed
    async with asyncio.timeout(100):
        while process.poll() is None:  # noqa: ASYNC110 - another process tells no event
            await asyncio.sleep(0.01)
    assert (await normalize(normalizer, SMALL)).passages


async def test_no_process_outlives_a_normalizer_that_is_forgotten() -> None:
    normalizer = SourceNormalizer(Limits(parse_workers=1))
    await normalize(normalizer, SMALL)
    (worker,) = workers_of(normalizer)
    process = worker._process
    assert process.poll() is None
    del normalizer, worker
    for _ in range(100):  # the thread that it worked in lets go of it a moment after it has answered
        gc.collect()
        if process.poll() is not None:
            return
        await asyncio.sleep(0.05)
    pytest.fail("its worker is still there")


LIBRARIES = [Path(os.__file__).parent]


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("open", ("/etc/passwd", "r", 0)),
        ("open", (b"/etc/passwd", "r", 0)),
        ("open", (f"{LIBRARIES[0]}/../../../../etc/passwd", "r", 0)),
        ("open", (f"{LIBRARIES[0]}/written.py", "w", os.O_WRONLY | os.O_CREAT)),
        ("os.listdir", ("/",)),
        ("os.scandir", (None,)),
        ("os.remove", ("/tmp/x", -1)),
        ("os.kill", (1, 9)),
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("subprocess.Popen", ("sh", ["sh"], None, None)),
        ("os.system", (b"true",)),
    ],
)
def test_where_there_are_no_walls_python_still_asks_before_it_goes_outside(
    event: str, arguments: tuple[object, ...]
) -> None:
    with pytest.raises(OutsideError):
        OutsideRefused(LIBRARIES)(event, arguments)


def test_a_worker_may_import() -> None:
    OutsideRefused(LIBRARIES)("open", (os.__file__, "r", os.O_RDONLY | os.O_CLOEXEC))
    OutsideRefused(LIBRARIES)("os.listdir", (str(LIBRARIES[0]),))
