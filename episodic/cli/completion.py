"""`episodic completion`: what a shell needs to complete commands, options and their values."""

from typing import Literal


def completion(shell: Literal["bash", "zsh", "fish"], /) -> None:
    """Print a completion script.

    Parameters
    ----------
    shell
        The shell that it is for.
    """
    from episodic.cli.app import app

    script = app.generate_completion(shell=shell, prog_name="episodic")
    if shell == "zsh":
        # Its first line speaks to who finds it in a file of a certain name; it is evaluated here.
        script += "compdef _cyclopts_episodic episodic\n"
    # Where nothing else fits, bash completes the names of files: sources are files.
    print(script.replace("complete -F _episodic", "complete -o default -F _episodic"))
