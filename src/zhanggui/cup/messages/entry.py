"""Field 22 of a message that is read: what the table of ways asks of it (`values/entry_mode.py`)."""

from collections.abc import Container

from ..errors import MessageError
from ..values.entry_mode import why_unproven


def check_entry(entry_mode: str, fields: Container[int], *, is_later: bool, is_proven: bool = False) -> None:
    """MessageError where field 22 names no way, or what stands beside it contradicts it or does not prove it."""
    wrong = why_unproven(entry_mode, fields, is_later=is_later, is_proven=is_proven)
    if wrong is not None:
        raise MessageError(22, *wrong)
