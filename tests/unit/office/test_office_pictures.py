"""Every page of the office's table of routes has its picture, none is left over, and the pages that show them are up to date."""

from tools.office_pictures import BYTES_MAX, IMAGES, SHOWN, name_of, pages, shown


def test_each_page_has_its_picture_and_none_is_left_over() -> None:
    anew = "take it: .venv/bin/python -m tools.office_pictures ROUTE"
    assert {path.stem for path in IMAGES.iterdir()} == {name_of(route) for route in pages()}, anew


def test_all_pictures_together_are_small() -> None:
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < BYTES_MAX


def test_the_pages_that_show_them_are_written_from_the_table() -> None:
    for lang, page in SHOWN.items():
        assert page.read_text(encoding="utf-8") == shown(lang), "write it anew: python -m tools.office_pictures /"
