"""Webhooks that a program made or changed: they are paused with the token by which that was done, for who stole it chose who hears.

What ends by its own date ends nothing here: a program that is given a new token in time goes on. A person who resumes or changes one takes
it over.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ....basics.numbers import UnixMs
from ...policy.actors import Actor
from ...rows.decision import Decision
from ...rows.records import WHOLE_HOST, Person, Webhook
from ...rows.state import Change, Insert, Needs, State, Update
from ..rights import PERSON

KEPT_MAX = 200
"""Of one person."""
VIA = "token="


def by_whom(state: State, by: Actor, decision: Decision) -> Decision:
    """The decision about a webhook, with the token by which it was made in the row, and the webhook in its person's."""
    token_id = by.via.removeprefix(VIA) or None
    changes = tuple(_marked(one, token_id) for one in decision.changes)
    person = state.get(Person, WHOLE_HOST, by.name.removeprefix(PERSON)) if token_id else None
    rows = [row for one in changes if isinstance(row := one.record, Webhook)]
    if decision.reason or person is None or not rows:
        return replace(decision, changes=changes)
    names = [f"{row.merchant_no}/{row.webhook_no}" for row in rows]
    kept = [name for name in (person.webhooks or "").split() if name not in names]
    if len(kept) >= KEPT_MAX:
        return Decision(reason="too_many_webhooks")
    return replace(decision, changes=(*changes, Update(replace(person, webhooks=" ".join([*names, *kept])))))


def webhooks_of(person: Person | None, more: Needs) -> None:
    """The rows of the webhooks that are as a person's tokens made them."""
    for key in _keys(person):
        more.add(Webhook, key)


def all_paused(state: State, person: Person, now: UnixMs, *, token_id: str | None = None) -> tuple[Change, ...]:
    """Pause what this person's tokens (or this one) made, as far as nobody took it over."""
    rows = (state.get(Webhook, *key) for key in _keys(person))
    return tuple(
        Update(replace(row, state="paused", changed_ms=now))
        for row in rows
        if row is not None and row.state == "active" and row.token_id and token_id in (None, row.token_id)
    )


def _keys(person: Person | None) -> Iterator[tuple[str, int]]:
    for one in (person.webhooks or "").split() if person is not None else ():
        merchant_no, _, number = one.partition("/")
        yield merchant_no, int(number)


def _marked(change: Change, token_id: str | None) -> Change:
    row = change.record
    if not isinstance(row, Webhook):
        return change
    marked = replace(row, token_id=token_id)
    return Insert(marked) if isinstance(change, Insert) else Update(marked)
