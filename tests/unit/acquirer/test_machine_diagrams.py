"""The page of state diagrams is what the tables say."""

from tools.diagrams import PAGE, TITLES, page

from zhanggui.acquirer.rows.moves import MACHINES


def test_the_page_is_written_from_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write the page anew: python tools/diagrams.py"


def test_every_machine_has_its_diagram() -> None:
    assert {machine.name for machines in MACHINES.values() for machine in machines} == TITLES.keys()
