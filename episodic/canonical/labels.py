"""Labels that name nobody: what engines call the voices that they tell apart, and bare roles.

``Speaker 1``, ``SPEAKER_00``, ``spk_0``, ``A``, ``화자 1``, ``Unknown``, ``Host``: others may know who.
A word with a number is one in every language; with a letter, or alone, it is when the word is known
(``Malcolm X`` is somebody).
"""

from typing import Final

from episodic.canonical.patterns import pattern
from episodic.canonical.wordlists import word_list

_NUMBERED: Final = pattern(r"(?:[^\W\d]+[\s_#№.-]*)?\d{1,3}")
_LETTER: Final = pattern(r"(?:(?P<word>[^\W\d_]+)[\s_#№.-]+)?[a-z]")
_ALONE: Final = word_list(
    """
    speaker spk voice person participant caller host guest moderator presenter narrator interviewer
    interviewee unknown unidentified unnamed anonymous sprecher sprecherin gast moderatorin unbekannt
    locuteur inconnu hablante invitado orador falante convidado ospite спикер диктор ведущий гость ведущая
    гостья prowadząca prowadzący gość invitada presentador presentadora entrevistador entrevistadora invité
    invitée animateur animatrice conduttore conduttrice convidada apresentador apresentadora
    主持人 嘉宾 嘉賓 司会 ゲスト 聞き手 진행자 게스트 מנחה אורח المذيع الضيف sunucu konuk
    """
)


def is_label(name: str) -> bool:
    """Whether a name is a label that an engine, or a hurried hand, gives to whom it does not know."""
    bare = " ".join(name.casefold().strip(" :[]()<>").split())
    if _NUMBERED.fullmatch(bare):
        return True
    if match := _LETTER.fullmatch(bare):
        return match["word"] is None or match["word"] in _ALONE
    words = bare.replace("_", " ").split()
    return 0 < len(words) <= 2 and all(word in _ALONE for word in words)
