"""`zhanggui tokens`: what programs come to the interface with. A secret is printed once, on standard output, and stands nowhere else."""

import sys
from collections.abc import Sequence

from ..acquirer.people.programs.tokens import NOT_THERE, NewToken, OneToken
from ..acquirer.rows.records import WHOLE_HOST, ApiToken
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..host.token_acts import ADD_TOKEN, REVOKE_TOKEN, ROTATE_TOKEN
from ..programs.settings import Settings
from ..views.all_lists import LISTS
from ..views.questions.reading import Reading
from ..views.tokens import TokenRow
from .console import Console, Done
from .lists import lists_of
from .management_words import done_text, refusal_text
from .output import print_json


def add(
    settings: Settings,
    merchant: str,
    by: str,
    name: str,
    scopes: Sequence[str],
    days: int,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Make a token, and show its secret this once; where it takes two, its person draws the secret later."""
    console = Console(settings, merchant, by, reason, may_be_all=True)
    done = console.do(ADD_TOKEN, NewToken(name=name, scopes=" ".join(scopes), days=days))
    (added,) = (row for change in done.decision.changes if isinstance(row := change.record, ApiToken))
    _show(settings, added.token_id, "token_added", done, as_json=as_json)


def rotate(settings: Settings, by: str, token_id: str, *, as_json: bool) -> None:
    """Draw another secret for a token of one's own, and show it this once."""
    done = _at(settings, by, token_id).do(ROTATE_TOKEN, OneToken(token_id))
    _show(settings, token_id, "token_rotated", done, as_json=as_json)


def revoke(settings: Settings, by: str, token_id: str, *, as_json: bool) -> None:
    """It is worth nothing from now on."""
    _at(settings, by, token_id).do(REVOKE_TOKEN, OneToken(token_id))
    if as_json:
        print_json({"token_id": token_id, "done": "revoked"})
    else:
        sys.stdout.write(done_text("token_revoked", settings.lang, token=token_id) + "\n")


def _at(settings: Settings, by: str, token_id: str) -> Console:
    """The console where the token counts. Misuse when there is no such token."""
    with lists_of(settings) as queries:
        reading, asked = Reading(queries, SystemClock().now()), LISTS["tokens"]
        rows: list[TokenRow] = list(asked.walk(asked.ask({"token": token_id}, reading), reading, 1))
    if not rows:
        raise Misuse(refusal_text(NOT_THERE, settings.lang))
    return Console(settings, rows[0].merchant_no or WHOLE_HOST, by, may_be_all=True)


def _show(settings: Settings, token_id: str, what: str, done: Done, *, as_json: bool) -> None:
    secret = done.secret.reveal()
    if as_json:
        print_json({"token_id": token_id, "secret": secret})
    else:
        sys.stdout.write(done_text(what, settings.lang, token=token_id, secret=secret) + "\n")
