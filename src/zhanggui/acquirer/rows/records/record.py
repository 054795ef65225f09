"""What every record is: a frozen struct, one a table, that names its key."""

from typing import ClassVar

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A row of what the acquirer keeps. Its fields are text, whole numbers, bytes, or one of these or None."""

    KEY: ClassVar[tuple[str, ...]]
    """Its first fields, which are its primary key; `merchant_no` leads."""
