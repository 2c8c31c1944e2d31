"""`episodic completion`: what a shell needs to complete commands, options and their values."""

import re
from typing import Final, Literal

# The script is made for a folder that zsh searches; what is evaluated must say which command it is for.
_ZSH: Final = """\
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _cyclopts_episodic episodic
"""
# By itself, fish offers files beside commands too.
_FISH: Final = """\
complete -c episodic -f
complete -c episodic -n '__fish_episodic_using_command ingest' -F
complete -c episodic -n '__fish_episodic_using_command submit' -F
complete -c episodic -n '__fish_episodic_using_command submit' -F
complete -c episodic -n '__fish_episodic_using_command apply' -F
complete -c episodic -n '__fish_episodic_using_command publish' -F
complete -c episodic -n '__fish_episodic_using_command db backup' -F
complete -c episodic -n '__fish_episodic_using_command db restore' -F
"""


def completion(shell: Literal["bash", "zsh", "fish"], /) -> None:
    """Print a completion script.

    Parameters
    ----------
    shell
        The shell that it is for.
    """
    from episodic.cli.app import app

    script = app.generate_completion(shell=shell, prog_name="episodic")
    match shell:  # where nothing else fits, names of files are completed: sources are files
        case "bash":
            script = script.replace("complete -F _episodic", "complete -o default -F _episodic")
        case "zsh":
            # What a command takes any number of.
            script = re.sub(r"^( *'\*:[^:].*)' \\$", r"\1:_files' \\", script, flags=re.MULTILINE) + _ZSH
        case "fish":
            script += _FISH
    print(script)
