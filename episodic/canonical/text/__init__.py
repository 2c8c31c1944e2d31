"""The ground of all that reads or writes words; it knows no source, no episode and no place of either.

`tokens` cuts texts into what is compared, and what is `known` of a word is asked once; `wordlists` are tables
of words, `labels` those that name nobody, `loops` those that an engine repeats. `patterns` are regular
expressions; `times` reads what clocks and counters say, `rising` finds the numbers that go forwards.
"""
