"""What the store raises, in the families of `basics/errors.py`.

Fault               the disk or the line to the database failed; nothing was written, another try may do
└── Conflict        another writer was first (a key is taken, a lock was lost): load again, decide again
Defect              a change breaks a rule of the tables: a wrong type, a negative amount, a row that is not there
Misuse              the database can't be used: no such file, newer than the program, of another program
"""

from ..basics.errors import Defect, Fault, Misuse

__all__ = ["Conflict", "Defect", "Fault", "Misuse"]


class Conflict(Fault):
    """Another writer was first. The unit was rolled back; with freshly loaded rows the decision may be another."""
