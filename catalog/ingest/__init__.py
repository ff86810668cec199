"""Many Records in, one readable report out: a file against what is here.

`reading` makes lines of bytes, `planning` says what each entry of a file would do, `applying` does it through the doors of
`review` and `shelving`, and `account` keeps the sums; `desk` does it in steps, for a maintainer who looks at each entry.
Knows nothing of requests or terminals.
"""

from catalog.ingest.account import Account
from catalog.ingest.applying import Outcome, Run, remember_as_it_is, run
from catalog.ingest.planning import Planner, Step
from catalog.ingest.reading import Unreadable, format_of, is_list, lines_of, name_of

__all__ = [
    "Account",
    "Outcome",
    "Planner",
    "Run",
    "Step",
    "Unreadable",
    "format_of",
    "is_list",
    "lines_of",
    "name_of",
    "remember_as_it_is",
    "run",
]
