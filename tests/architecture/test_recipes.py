"""Recipes say which files a new thing touches: each is there, so a recipe can't outlive a move."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "docs" / "guides").glob("add-a*.md"))
FILES_MAX = 9
"""A recipe with more files says that something is written by name that should be a row."""
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
MENTIONED = re.compile(r"`((?:acquirer|cup|flow|host|store|terminal|cli|views|tools|tests)/[\w/.]+\.(?:py|toml))`")
PLACES = (ROOT, ROOT / "src" / "zhanggui", ROOT / "src" / "zhanggui" / "terminal")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_file_of_a_recipe_is_there(recipe: Path) -> None:
    files = ROW.findall(recipe.read_text(encoding="utf-8"))
    assert 1 < len(files) <= FILES_MAX
    assert [file for file in files if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_every_file_that_a_recipe_mentions_is_there(recipe: Path) -> None:
    mentioned = MENTIONED.findall(recipe.read_text(encoding="utf-8"))
    assert [file for file in mentioned if not any((place / file).is_file() for place in PLACES)] == []


def test_every_recipe_is_linked_from_the_shelf_and_from_contributing() -> None:
    shelf = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert RECIPES
    for recipe in RECIPES:
        assert f"guides/{recipe.name}" in shelf
        assert f"docs/guides/{recipe.name}" in contributing
