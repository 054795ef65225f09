"""A kind of payment stays small: it takes few files, and the page that says how many is written from the source."""

import pytest
from tools.kind_sizes import FILES_MAX, PAGE, page, python_lines, sizes, toml_lines

from zhanggui.cup.transactions import PAYMENTS


@pytest.mark.parametrize("kind", PAYMENTS)
def test_a_kind_takes_no_more_files_than_its_recipe_has_rows(kind: str) -> None:
    found = sizes(kind)
    assert 4 <= len(found) <= FILES_MAX, found


def test_the_page_of_kinds_is_written_from_the_source() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tools/kind_sizes.py"


def test_sections_keys_and_lists_of_a_table_are_counted_and_prose_is_not() -> None:
    table = '[void]\nzh = "a"\n\n[refund]\nzh = "void"\n"menu.void" = "b"\nneeds = ["void"]\n# void\n'
    assert toml_lines(table, "void") == 4


def test_the_row_of_a_kind_is_counted_whole_and_a_row_that_is_about_it_by_its_line() -> None:
    rows = 'A = Kind(\n    name="void",\n    slip=True,\n)\nB = Kind(\n    name="b",\n    of="void",\n)\n'
    assert python_lines(rows, "void") == 5
