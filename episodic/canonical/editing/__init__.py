"""What an editor asks for: how a place is named, and what is to stand there.

`addresses` name places, for people and from one revision to the next; `edits` makes editorial decisions of
what is asked for, `additions` the turns of what is put between two. Where a decision lands in the text is
for `resolution/editors`.
"""
