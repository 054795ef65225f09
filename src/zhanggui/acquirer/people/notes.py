"""The notes of what people do at the office's door, in the chain of their shop, or of the acquirer's own people (`*`)."""

from collections.abc import Mapping

from ...basics.numbers import MerchantNo, UnixMs
from ...basics.words import Word, load_words
from ..policy.actors import Actor, noted
from ..rows.records import WHOLE_HOST, Counter, Person
from ..rows.state import Change, Needs, State
from .rights import PERSON

EVENTS: Mapping[str, Word] = load_words(__package__, "events.toml")
"""What the notes call them."""


def home_of(person: Person) -> MerchantNo:
    """Where the notes about somebody stand."""
    return MerchantNo(person.shop_no or WHOLE_HOST)


def note_counter_needs(state: State, person: Person | None, more: Needs) -> None:
    """The counter of the notes about this person, once it is known where he or she belongs."""
    if person is not None:
        more.add(Counter, (home_of(person), "note"))


def noted_event(state: State, person: Person, event: str, detail: str, now: UnixMs) -> tuple[Change, ...]:
    """The note of something that a person did (or that was tried in that name)."""
    by = Actor(f"{PERSON}{person.login}")
    return noted(state, home_of(person), by, event, person.login, detail, now)
