"""What editors decided, found again in each new collation.

`rulings` reads each decision once, address and all. Of claims it is put in force by `fields`, of prose by
`passages`. Of the transcript, `places` finds where it lies: by what it quotes (`anchors`) or, the first time,
by its words (`phrases`); `words` makes edits of that, also of the series' replacements and of its style
(`clean`), and `speakers` says who speaks. `repeated` is what editors decide again and again.
"""
