"""A made-up phone, for stories: it opens the page of a code and answers it over HTTP, as a browser does."""

import msgspec

from ..basics.secret import Secret
from .tour_page import PageClient


def answer_code(address: str, login: str, password: Secret) -> str:
    """Scan, type, send; the answer is the outcome: `known`, `again`, `over`. Fault when the page does not answer."""
    page = PageClient(address)
    page.ask("GET", page.where.path)
    told = page.ask("POST", page.where.path, {"login": login, "password": password.reveal()})
    outcome: str = msgspec.json.decode(told, type=dict[str, str | int])["outcome"]  # type: ignore[assignment]  # a word
    return outcome
