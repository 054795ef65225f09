"""The pages of docs/reference that come from tables say what the tables say."""

import pytest
from tools.reference_pages import FOLDER, PAGES

from zhanggui.cup.transactions import CATALOGUE
from zhanggui.host.wire.reception import WORK_BY_TRANSACTION


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_its_table_says(name: str) -> None:
    page = (FOLDER / name).read_text(encoding="utf-8")
    assert page == PAGES[name](), "write the pages anew: python tools/reference_pages.py"


def test_every_message_of_the_catalogue_has_its_work_at_the_host() -> None:
    assert WORK_BY_TRANSACTION.keys() == {name for name, row in CATALOGUE.items() if not row.from_host}
