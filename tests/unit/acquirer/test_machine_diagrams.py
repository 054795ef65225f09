"""The page of state diagrams is what the tables say."""

from tools.diagrams import PAGE, QR_PAGE, TITLES, machines, page, qr_page


def test_the_page_is_written_from_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write the page anew: python tools/diagrams.py"


def test_the_page_of_payments_by_code_is_written_from_both_machines() -> None:
    assert QR_PAGE.read_text(encoding="utf-8") == qr_page(), "write the page anew: python tools/diagrams.py"


def test_every_machine_has_its_diagram() -> None:
    assert machines().keys() == TITLES.keys()
