"""Secrets that stand out in place of the demo's own, and all that is logged in one file."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import structlog
from tests.security.canaries import PAN, PASSWORD, PIN

from zhanggui.bank import cards, setup
from zhanggui.cli import tour
from zhanggui.edges.logs import configure_logs
from zhanggui.programs import demo
from zhanggui.vault import sealed

OPERATOR = "01"


@pytest.fixture
def canaries_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's operator, test card and made-up cashier, with the canaries in place of their secrets."""
    operators = tuple(
        (number, name, role, PASSWORD if number == OPERATOR else password)
        for number, name, role, password in demo.OPERATORS
    )
    monkeypatch.setattr(demo, "OPERATORS", operators)
    test_cards = tuple(
        msgspec.structs.replace(card, pan=PAN, pin=PIN) if card.id == tour.CARD else card for card in cards.TEST_CARDS
    )
    monkeypatch.setattr(cards, "TEST_CARDS", test_cards)
    monkeypatch.setattr(setup, "TEST_CARDS", test_cards)
    monkeypatch.setattr(tour, "PASSWORD", PASSWORD)
    monkeypatch.setattr(tour, "PIN", PIN)
    monkeypatch.setattr(sealed, "SCRYPT_N", 1 << 10)


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """Everything is logged as programs log it, but into a file that the test closes."""
    path = tmp_path / "everything.log"
    configure_logs(level="debug")
    with path.open("w", encoding="utf-8", buffering=1) as file:
        # Loggers that remember this stream would take the logs of later tests.
        as_programs_do = {**structlog.get_config(), "cache_logger_on_first_use": False}
        structlog.configure(**{**as_programs_do, "logger_factory": structlog.PrintLoggerFactory(file)})
        yield path
        structlog.reset_defaults()
