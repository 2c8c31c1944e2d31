"""``make fuzz``: throw broken sources at every format until the time is up.

Sources are the golden pairs' files, cut, repeated, mixed and with bytes changed, and bytes out of the blue.
Each is read twice in this process, without a worker: whatever is no `SourceError` is a bug, and so is a
difference between the two results.
"""

import random
import sys
import time
import traceback
from functools import cache
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from episodic.canonical.errors import SourceError, UnreadableError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.normalizers.registry import by_name, find_format

DATA: Final = Path(__file__).parents[2] / "data" / "normalizers"
FORMAT_NAMES: Final = tuple(by_name())
_LIMITS: Final = Limits(unpacked_bytes=2**24)
_TOKENS: Final = (
    b"-->", b"\n\n", b"\r", b"\0", b"<v ", b"<", b">", b"&", b"&#x110000;", b"&#xd800;", b"99:99:99.999",
    b"00:00:01.000 --> 00:00:02.000\n",
    b"Ada: ", b">> ", b"- ", b"{", b"}", b"[", b"]", b'"', b",", b":", b"NaN",
    b"1e999", b"-1", b"null", b'"segments"', b'"start":', b"<!DOCTYPE x [", b"<![CDATA[", b"]]>", b"<item>",
    b"</item>", b"<p>", b"</div>", b"<br>", b"**", b"# ", b"|", b"---\n", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xed\xa0\x80",
    b"\xe2\x80\xa8", b"\xc2\x85", b"\x1c", b"0" * 5000, b"(" * 300, b"[" * 300, b"<a>" * 300, b"> " * 300,
)  # fmt: skip


@cache
def seeds(format: str | None) -> tuple[bytes, ...]:
    """The golden files of a format; of all formats for ``None``."""
    found = sorted((DATA / format if format else DATA).rglob("*"))
    return tuple(p.read_bytes() for p in found if p.is_file() and not p.name.endswith(".expected.json")) or (
        b"",
    )


@st.composite
def sources(draw: st.DrawFn, format: str) -> bytes:
    """A broken source: a golden file with a few changes."""
    return mutated(draw(st.randoms(use_true_random=False)), format)


def mutated(chance: random.Random, format: str | None) -> bytes:
    """A golden file with a few changes, or none of its bytes."""
    data = bytearray(chance.choice(seeds(format)))
    for _ in range(chance.choice((1, 1, 2, 4, 8, 16))):
        at, size = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 8, 64))
        match chance.randrange(7):
            case 0:
                del data[at : at + size]
            case 1:
                data[at:at] = chance.choice(_TOKENS)
            case 2:
                data[at : at + size] = chance.randbytes(size)
            case 3:
                data[at:at] = data[at : at + size * 8] * 3
            case 4:
                data = data[:at]
            case 5:
                other = chance.choice(seeds(None))
                data[at:at] = other[chance.randrange(len(other) + 1) :][: size * 4]
            case _:
                if at < len(data):
                    data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


def read(data: bytes, format: str | None) -> Structure | str:
    """What a format makes of bytes, or its complaint; the format is found out for ``None``."""
    metadata = {"format": format, "number": "12"} if format else {}
    document = Document("fuzz", data, None, metadata, _LIMITS)
    try:
        return find_format(document).read(document)
    except (SourceError, UnreadableError) as error:
        return str(error)


def check(data: bytes, format: str | None) -> None:
    """Fail where reading raises anything but `SourceError`, or reads differently the second time."""
    first = read(data, format)
    assert read(data, format) == first
    if isinstance(first, Structure):
        for utterance in first.utterances:
            assert utterance.text == " ".join(utterance.text.split()) != ""
            spelled = "".join(word.text for word in utterance.words).replace(" ", "")
            assert spelled in {"", utterance.text.replace(" ", "")}
        for passage in first.passages:
            assert passage.text == " ".join(passage.text.split()) != ""


def main(seconds: float, seed: int) -> int:
    """Fuzz for a while; the seed and the bytes of a failure are printed."""
    chance = random.Random(seed)
    deadline = time.monotonic() + seconds
    tried = 0
    while time.monotonic() < deadline:
        format = chance.choice((None, *FORMAT_NAMES))
        data = mutated(chance, format)
        tried += 1
        began = time.monotonic()
        try:
            check(data, format)
        except Exception:  # noqa: BLE001 - that is what is looked for
            traceback.print_exc()
            print(f"source {tried} of seed {seed}, as {format}: {data!r}", file=sys.stderr)
            return 1
        if (taken := time.monotonic() - began) > 5:
            print(
                f"source {tried} of seed {seed}, as {format}, took {taken:.1f} s: {data!r}", file=sys.stderr
            )
            return 1
    print(f"{tried} sources in {seconds:g} s, seed {seed}: each ended in a result or a typed error")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32)))
