"""From what is asked for to a revision that is not yet stored.

`composer` takes the steps in their order: between normalizing and weighing, `classification` tells notes that
are transcripts and `languages` the language of those that name none; `extent` counts what they say, and
`stopwatch` takes the time of each step. `fingerprint` digests all that a document depends on, by which
`repeats` finds what there is already. `doubts` is what a user should know of the sources that were read.
"""
