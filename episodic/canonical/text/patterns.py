"""Regular expressions that are compiled when they are first used.

Sources come in so many forms that few commands use half of them: compiling all would be a part of each start.
"""

import re
from typing import Any, cast


def pattern[Text: (str, bytes)](text: Text, flags: int = 0) -> re.Pattern[Text]:
    """Make what `re.compile` makes; a mistake in it is found when it is first used, and by a test."""
    return cast("re.Pattern[Text]", Expression(text, flags))


class Expression:
    """Stands for a `re.Pattern`, and keeps each of its methods that was used."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Ask the compiled expression, which `re` itself keeps."""
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found
