"""TEI P5: written, checked and read back.

`writer` puts a document together: `header` (with `encoding` and `history`), the `transcript` with its
`timeline`s, the `prose`, and what stands around them (`body`). `apparatus` says what an entry looks like,
`elements` what may stand in XML at all. What is written keeps the `profile`, and no pointer dangles
(`pointers`); `checking` asks that of a document again.

`reader` reads a document back: `values` as the value objects that it was written from, `bounds` and `cues` as
its witnesses have it; `parts` is what they share.
"""
