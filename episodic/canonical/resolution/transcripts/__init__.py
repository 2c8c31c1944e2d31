"""Transcripts: several witnesses of one conversation, and the text that follows from them.

One example, three witnesses by eight columns (`normal`, `columns`)::

    column      1     2     3          4    5        6      7    8
    s1  0.7     they  paid  $65000000  for  weather  loom   and  wool  $65 million
    s2  0.6     they  paid  $65000000  for  whether  looms  and  wool  sixty five million dollars
    s3  0.5     they  paid  $65000000  for  whether  looms  -    wool  $65 million
                                            └──────┘ └───┘  └─┘  three regions

1. *Normal form.* "$65 million" and "sixty five million dollars" are one word, so column 3 is agreed, and its
   *cell* is as wide as the widest notation (`layout`).
2. *Evidence.* Where they split, s2 and s3 are mostly on one side: they gain weight, s1 loses it
   (`evidence`).
3. *Regions.* Columns 5 to 7 are not all equal. In each two of three say the same word, so each stands for
   itself; where none does, columns side by side are one region, and whole readings compete. What speaks for
   each reading is added up (`contest`, `regions`, `features`, `rivals`, `constants`)::

       5   whether s2 s3 | weather s1    s1 is alone, with a word that the episode has nowhere else
       6   looms s2 s3   | loom s1       the same
       7   and s1 s2     | - s3          silent against two: s1, twice wrong, is right here

4. *Choice.* Column 3 is spelled by who writes best; a passage that some lack stands or falls as a whole
   (`choice`, `spelling`).
5. *Apparatus.* Cells in which the witnesses split in the same way merge into one entry (`apparatus`)::

       They paid [$65 million: s1 s3 | sixty five million dollars: s2] for
       [whether looms: s2 s3 | weather loom: s1] [and: s1 s2 | -: s3] wool

Around it: which witnesses belong together (`kinship`, `weaving` by clocks and `filenames`, `collation`), what
stands in another place than elsewhere (`displaced`), who speaks (`attribution`), when (`timing`), and where
utterances begin and end (`bounds`, `speech`). `voted` holds what the vote came to; an editor's edits are cut
into it (`overruling`), and `transcript` writes what is left.
"""
