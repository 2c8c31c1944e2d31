"""Resolution: from weighted witnesses to one document and its decisions.

`resolving` takes the steps in their order. What was said is voted on in `transcripts`, with the names and
terms of papers (`vocabulary`) speaking for a witness; `claims`, `people` (by their `names`) and `prose` are
merged each by a rule of its own; `editors` puts in force what people decided above the vote. `kinds` says
which conflicts deserve a look.
"""
