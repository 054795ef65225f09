"""The page of the terminal's flow is what its table says."""

import re

from tools.diagrams import FLOW_PAGE, flow_page

from zhanggui.terminal.flow.machine import STAGES


def test_the_page_of_the_flow_is_what_the_table_says() -> None:
    assert FLOW_PAGE.read_text(encoding="utf-8") == flow_page(), "write the page anew: python tools/diagrams.py"


def test_every_stage_stands_on_the_page() -> None:
    shown = set(re.findall(r"\w+", flow_page()))
    assert {stage.__name__ for stage in STAGES} - shown == {"Off"}, (
        "a stage that nothing leads to and that leads nowhere"
    )
