"""Reads the known answers of tests/vectors that concern the vault."""

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[2] / "vectors"


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one file of known answers; `name` as `cup/keys`."""
    held: list[dict[str, Any]] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["vectors"]
    return held


def row_id(row: dict[str, Any]) -> str:
    """A short name for a row in the test report."""
    return str(row.get("id") or row.get("op") or row.get("kcv"))
