"""Labels that name nobody: what engines call the voices that they tell apart, and bare roles.

``Speaker 1``, ``SPEAKER_00``, ``spk_0``, ``A``, ``화자 1``, ``Unknown``, ``Host``: others may know who.
A word with a number is one in every language; with a letter, or alone, it is when the word is known
(``Malcolm X`` is somebody).
"""

from typing import Final

from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.wordlists import word_list

_NUMBERED: Final = pattern(r"(?:[^\W\d]+[\s_#№.-]*)?\d{1,3}")
_LETTER: Final = pattern(r"(?:(?P<word>[^\W\d_]+)[\s_#№.-]+)?[a-z]")
# What those are called whom an episode has one of, often.
HOSTS: Final = word_list(
    """
    host moderator moderation moderatorin presenter interviewer gastgeber gastgeberin animateur animatrice
    animation présentateur présentatrice présentation presentador presentadora presenta entrevistador
    entrevistadora apresentador apresentadora apresentação conduttore conduttrice conduce presentatie
    presentator prowadzący prowadząca ведущий ведущая ведущие ведучий ведуча programledare vært
    programleder juontaja sunucu người_dẫn_chương_trình pembawa_acara 司会 司会者 ホスト 聞き手 主持 主持人
    진행 진행자 مقدم المذيع מנחה
    """
)
GUESTS: Final = word_list(
    """
    guest interviewee gast gäste gästin gasten invité invitée invités invitées invitado invitada invitados
    invitadas convidado convidada convidados ospite ospiti gość goście гость гостья гости гість гостя гості
    gäst gäster gæst gæster gjest gjester vieras vieraat hosté konuk konuklar khách_mời narasumber ゲスト
    嘉宾 嘉賓 来宾 게스트 ضيف الضيف ضيوف אורח אורחים
    """
)
_ALONE: Final = (
    HOSTS
    | GUESTS
    | word_list(
        """
        speaker spk voice person participant caller narrator unknown unidentified unnamed anonymous sprecher
        sprecherin unbekannt locuteur inconnu hablante orador falante спикер диктор
        """
    )
)


def part_of(label: str) -> str | None:
    """Give the part that a label or a role means, ``"host"`` or ``"guest"``; ``None``: it means none."""
    word = label.casefold().strip(" :[]()<>")
    return "host" if word in HOSTS else "guest" if word in GUESTS else None


def is_label(name: str) -> bool:
    """Whether a name is a label that an engine, or a hurried hand, gives to whom it does not know."""
    bare = " ".join(name.casefold().strip(" :[]()<>").split())
    if _NUMBERED.fullmatch(bare):
        return True
    if match := _LETTER.fullmatch(bare):
        return match["word"] is None or match["word"] in _ALONE
    words = bare.replace("_", " ").split()
    return 0 < len(words) <= 2 and all(word in _ALONE for word in words)
