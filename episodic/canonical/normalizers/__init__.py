"""Normalizers: from the bytes of a source to what it claims, what was said and what is written.

The way of a source, from the top:

1. `files` loads it; `normalizer` says where it is read: here in a thread, or in a process of its own
   (`isolation`), where a parser could do harm; and keeps its bytes.
2. `registry` finds its format: a name in its metadata, its content (`decoding`, `json_text`, `xml`), or its
   ending; what is none of ours is refused by what it is (`detection`). `front_matter` is taken off before.
3. The format reads it: one class each, in `captions`, `engines` (JSON of those that transcribe), `feeds` and
   `documents`, or `chapters`; `format` says what all of them take and give.
4. What is speech goes through `speech`: who says it, and what around it nobody says. What is prose claims by
   `statements` and `field_names`; `dates` and `units` serve both.
5. `registry` again: chapters among the notes, the language (`languages`), whose work it is (`authorship`),
   and what is too much.
"""
