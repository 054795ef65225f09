"""A badge as files: a picture or a page to print, or a virtual staff card. Each *is* the badge: whoever has the file has the badge."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import msgspec

from ..basics.errors import Misuse
from ..basics.numbers import OperatorNo
from ..basics.secret import Secret
from ..vault.badge import badge_number
from .badge_picture import pdf, png

OWNERS_MODE = 0o600

Write = Callable[[Secret, OperatorNo, str, BinaryIO], None]


class BadgeFiles:
    """Files that are made before the badge is: what can't be written must not cost anybody the badge that counts."""

    def __init__(self, wanted: Mapping[str, Path]) -> None:
        """Make each file, empty and for its owner alone. Misuse when one is there already or can't be made."""
        self._open: list[tuple[str, Path, BinaryIO]] = []
        for kind, path in wanted.items():
            try:
                made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNERS_MODE)
            except OSError as error:
                self.drop()
                raise Misuse(f"can't make {path}: {error.strerror}. Name a file that is not there yet.") from None
            self._open.append((kind, path, os.fdopen(made, "wb")))

    @property
    def paths(self) -> Sequence[Path]:
        """Where the badge is, in the order of asking."""
        return [path for _, path, _ in self._open]

    def write(self, badge: Secret, operator_no: OperatorNo, name: str) -> None:
        """Put the badge into each file, with whose it is."""
        for kind, _, file in self._open:
            with file:
                WRITERS[kind](badge, operator_no, name, file)

    def drop(self) -> None:
        """Take the files away: there is no badge."""
        for _, path, file in self._open:
            file.close()
            path.unlink(missing_ok=True)
        self._open = []


def _png(badge: Secret, operator_no: OperatorNo, name: str, file: BinaryIO) -> None:
    file.write(png(badge, operator_no, name))


def _pdf(badge: Secret, operator_no: OperatorNo, name: str, file: BinaryIO) -> None:
    file.write(pdf(badge, operator_no, name))


def _card(badge: Secret, operator_no: OperatorNo, name: str, file: BinaryIO) -> None:
    """A staff card for the virtual reader, as `terminal/devices/cards.py` reads one."""
    card = {
        "id": f"badge-{operator_no}-{badge_number(badge).lower()}",
        "label_zh": f"员工卡 {operator_no} {name}",
        "label_en": f"Staff card {operator_no} {name}",
        "hint_zh": "签到时出示",
        "hint_en": "shown to sign in",
        "badge": badge.reveal(),
    }
    file.write(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")


WRITERS: Mapping[str, Write] = MappingProxyType({"png": _png, "pdf": _pdf, "card": _card})
