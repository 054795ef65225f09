"""Contracts of imports are lists of rooms, written by hand: a new room, or a new library, must not fall through them."""

import ast
import tomllib
from functools import cache
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "zhanggui"
ROOMS = {path.name for path in HOUSE.iterdir() if (path / "__init__.py").exists()}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ABOUT_MOST = 8
"""A contract that names so many rooms means "all but the owners"."""
WELCOME_EVERYWHERE = {"msgspec"}

OF_MOST_ROOMS = [
    contract
    for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
    if contract["type"] == "forbidden" and len(contract["source_modules"]) >= ABOUT_MOST
]


@cache
def _imports_of(room: str) -> frozenset[str]:
    found = set()
    for path in (HOUSE / room).rglob("*.py"):
        for node in ast.walk(tree_of(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.split(".")[0])
    return frozenset(found)


@pytest.mark.parametrize("contract", OF_MOST_ROOMS, ids=lambda contract: contract["name"])
def test_a_room_that_no_contract_names_is_one_that_owns_the_library(contract: dict[str, list[str]]) -> None:
    named = {module.split(".")[1] for module in contract["source_modules"]}
    free = {room for room in ROOMS - named if not _imports_of(room) & set(contract["forbidden_modules"])}

    assert not free, (
        f"{sorted(free)} may import {contract['forbidden_modules']} and does not: name them in the contract"
    )


def test_each_library_that_the_product_needs_is_kept_in_its_rooms_by_a_contract() -> None:
    forbidden = {
        module
        for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
        if contract["type"] == "forbidden"
        for module in contract["forbidden_modules"]
    }
    needed = {_name(text) for text in PYPROJECT["project"]["dependencies"]} - WELCOME_EVERYWHERE

    assert not {name for name in needed if name not in forbidden}


def _name(requirement: str) -> str:
    end = next((at for at, letter in enumerate(requirement) if not (letter.isalnum() or letter in "-_.")), None)
    return requirement[:end].replace("-", "_")
