"""Arguments and options that several commands have, each with its help."""

from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from cyclopts import Parameter
from cyclopts.validators import Number

STDIN: Final = "/dev/stdin"  # what "-" stands for among sources

# A number that counts something, within what every database can hold.
type Count = Annotated[int, Parameter(validator=Number(gte=1, lt=2**31))]
type OlderRevision = Annotated[
    Count | None,
    Parameter(
        validator=Number(gte=1, lt=2**31), help="The number of an older revision; without it, the newest."
    ),
]
type EpisodeName = Annotated[str, Parameter(help="Its name: series/episode.")]
type By = Annotated[str | None, Parameter(help="Who decides; without it, the login name.")]
type DryRun = Annotated[bool, Parameter(help="Show what would be decided, and do nothing.")]
type SubmissionId = Annotated[UUID, Parameter(help="The submission's id, as 'episodic submit' printed it.")]
type Audio = Annotated[
    Path | None,
    Parameter(help="The recording that the page (html) plays, not the one that the sources name."),
]
type Json = Annotated[bool, Parameter(help="Print one JSON document.")]
type Yes = Annotated[bool, Parameter(name=["--yes", "-y"], help="Do not ask.")]
