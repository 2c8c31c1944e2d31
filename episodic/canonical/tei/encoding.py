"""The part of the header that is the same in every document: how it is encoded, and how to show it.

Software for TEI knows neither that readings are for looking up nor that cues are invisible. CETEIcean makes a
style sheet of the `rendition`s; `tagUsage` says to people what no other document has in the same way.
"""

from typing import Final

from episodic import __version__
from episodic.canonical.tei.elements import NAMESPACE, Element, child

_RENDITIONS: Final = {
    "rdg, standOff, timeline": "display: none;",
    "u, p, head, item": "display: block; margin: 0.3em 0;",
    "u[who]:not([prev]):before": "content: attr(who) ' '; color: #666; font-size: smaller;",
    "app[type=substantive]>lem": "text-decoration: underline dotted;",
}
_USAGES: Final = {
    "u": "An utterance of the accepted text. With n it is also a cue of its source (the first of the "
    "division's, where it has none), and n is the cue's place there.",
    "anchor": "With n: here a cue begins, at synch, spoken by corresp; it ends where its source's next "
    "begins. Its source is its own, or that of synch's timeline. Without n: here a cue of that source ends; "
    "without a source on the first timeline: the time of the accepted text.",
    "app": "Every transcript is named in each entry of the transcript exactly once, so that its words can be "
    "read under its siglum.",
    "lem": "cert is the reading's share of the vote; with resp a person decided.",
    "rdg": "What lost, with its share of the vote.",
}


def write_encoding(header: Element) -> None:
    """Add the ``encodingDesc``."""
    encoding = child(header, "encodingDesc")
    tags = child(encoding, "tagsDecl")
    for selector, style in _RENDITIONS.items():
        child(tags, "rendition", style, scheme="css", selector=selector)
    listed = child(tags, "namespace", name=NAMESPACE)
    for name, usage in _USAGES.items():
        child(listed, "tagUsage", usage, gi=name)
    application = child(child(encoding, "appInfo"), "application", ident="episodic", version=__version__)
    child(application, "label", "Episodic")
    child(encoding, "variantEncoding", method="parallel-segmentation", location="internal")
