"""Figures of a benchmark: one JSON object, each figure a key with `value`, `unit` and, where compared, `against` and `ratio`."""

import sys

import msgspec

from .output import print_json


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One measured number."""

    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    note: str = ""


def print_figures(figures: dict[str, Figure], *, as_json: bool) -> None:
    """Print figures as a JSON object or as lines."""
    if as_json:
        print_json(figures)
        return
    width = max(len(name) for name in figures)
    for name, figure in figures.items():
        compared = f"  {figure.ratio:.2f} × {figure.against}" if figure.ratio is not None else ""
        note = f"  ({figure.note})" if figure.note else ""
        sys.stdout.write(f"{name:<{width}}  {figure.value:>12,.2f} {figure.unit}{compared}{note}\n")


def median(values: list[float]) -> float:
    """The middle value."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
