"""What a terminal model has, as data: one flow serves all models. Profiles stand in `profiles/*.toml`."""

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from ...basics.errors import Misuse

ModelName = Literal["smart", "esign", "keypad"]


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model."""

    name: ModelName
    title_zh: str
    title_en: str
    touch: bool
    """True: choices are buttons. False: choices are numbered menu entries on four lines."""
    printer: bool
    """False: slips are electronic and the cardholder signs on the screen (电签)."""
    paper_columns: int
    """Half-width columns of the paper: 32 (58 mm) or 48 (80 mm)."""
    battery: bool
    scanner: bool
    reader_ways: tuple[Literal["swipe", "insert", "tap"], ...]
    display_columns: int = 0
    """Half-width columns of a keypad display; 0 for a touch screen."""
    display_lines: int = 0


@cache
def load_profile(name: str) -> Profile:
    """Read a profile by model name. Misuse when there is none of that name."""
    file = resources.files(__package__).joinpath("profiles", f"{name}.toml")
    if not file.is_file():
        raise Misuse(f"there is no terminal model '{name}'; choose smart, esign or keypad")
    return msgspec.toml.decode(file.read_bytes(), type=Profile)
