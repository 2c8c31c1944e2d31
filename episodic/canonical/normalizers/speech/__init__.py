"""Speech in any text: what is said, by whom and when, and what stands around it that nobody says.

1. `lines`: the lines of a text, brought into one form from all in which tools write the same (`timecodes`),
   also as they are copied from the page of a player (`players`).
2. `attributed`: each line as time, name and words; `turns` decides on all of them which names and times
   count, and `talk` and `interviews` whether people talk there at all.
3. `margins`: heads, headings and feet taken off; what they say of the episode is claimed.
4. `dialogue`: the same question for what has pieces already, as cues and engines' segments: who says each.
5. `stereo`: what two channels of one recording both heard is said once; `channels`: whom machines hear there.

Both ways ask what may be a label and which labels count (`labelling`), whether it looks like a name
(`names`), and what its words mean in the languages that podcasts are in (`lexicon`).
"""
