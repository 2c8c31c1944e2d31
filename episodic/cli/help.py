"""How help is drawn: the lines of docstrings end where the terminal's do, and not where the source's do."""

from typing import TYPE_CHECKING, Any, Final

from cyclopts.help import DefaultFormatter, HelpPanel

from episodic.canonical.text.patterns import pattern

if TYPE_CHECKING:  # rich loads when something is drawn
    from rich.console import Console, ConsoleOptions

_LINE_END: Final = pattern(r"(?<!\n)\n(?!\n)")


class Folded(DefaultFormatter):
    """Folds each paragraph anew."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Draw commands or parameters, each with what it is for."""
        for entry in panel.entries:
            _join(entry.description)
        super().__call__(console, options, panel)

    def render_description(self, console: Console, options: ConsoleOptions, description: Any) -> None:
        """Draw what a command does."""
        _join(description)
        super().render_description(console, options, description)


def _join(description: Any) -> None:
    """Join the lines of each paragraph of cyclopts' text, if there is any."""
    if text := getattr(description, "primary_renderable", None):
        text.plain = _LINE_END.sub(" ", text.plain)
