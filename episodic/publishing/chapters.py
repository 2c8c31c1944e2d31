"""The chapters, as players take them.

The podcast namespace's form: https://github.com/Podcastindex-org/podcast-namespace, jsonChapters.md.
"""

from collections.abc import Iterable

import msgspec

from episodic.publishing.provenance import Provenance


def chapters_json(chapters: Iterable[tuple[float, str]], provenance: Provenance) -> bytes:
    """Render as the podcast namespace's JSON of chapters; times are seconds."""
    document = {
        "generator": provenance.mark,
        "version": "1.2.0",
        "title": provenance.title,
        "chapters": [{"startTime": start, "title": title} for start, title in chapters],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
