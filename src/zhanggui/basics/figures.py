"""What a program counts for whoever watches it, as a table of rows; and whether it can serve."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from .words import Word, load_rows

Values: TypeAlias = float | Mapping[str, float]
"""One value, or one for each value of the label."""
Figures: TypeAlias = Mapping[str, Values]


class FigureRow(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure: what it is, whether it only grows, and by what it is told apart."""

    kind: Literal["gauge", "counter"]
    label: str = ""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a program can serve. `degraded`: it serves, and not everything."""

    ready: bool
    degraded: list[str]


def load_figures(package: str) -> Mapping[str, FigureRow]:
    """The figures of a package, by name: its `figures.toml`."""
    return load_rows(package, "figures.toml", FigureRow)
