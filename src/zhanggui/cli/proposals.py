"""`zhanggui proposals`: what one proposed, and another confirms or declines with the own password."""

import sys

from ..acquirer.rows.records import Proposal, ProposalState
from ..basics.clock import SystemClock
from ..basics.numbers import MerchantNo
from ..host.act_table import ACTS, RENEW_KEY
from ..host.deciding import Deciding, What
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PlaceFilter
from ..views.proposals import PROPOSALS, read_proposals
from . import keys
from .console import Console
from .lists import lists_of, print_list
from .management_words import done_text
from .output import print_json
from .people import PATH


def list_proposals(
    settings: Settings, merchant: str, state: ProposalState | None, limit: int, *, is_wide: bool, as_json: bool
) -> None:
    """Print proposals, newest first."""
    with lists_of(settings) as queries:
        shop = MerchantNo(merchant) if merchant else None
        rows = read_proposals(queries, shop, state, limit, SystemClock().now())
    print_list(settings, PROPOSALS, rows, as_json=as_json, is_wide=is_wide)


def decide(
    settings: Settings, merchant: str, by: str, what: What, number: int, *, of_acquirer: bool, as_json: bool
) -> None:
    """Confirm, decline or withdraw one; what is confirmed is done at once."""
    console = Console(settings, merchant, by, of_acquirer=of_acquirer)
    word = Deciding(ACTS, what, console.merchant_no, number, console.by, console.secrets)
    proposal = _proposal(settings, console.merchant_no, number)
    if what == "confirm" and proposal is not None and proposal.act == RENEW_KEY.name:
        keys.bring_confirmed(console, proposal, lambda: console.run(word))
    else:
        console.run(word)
    shown = PATH + word.shown.reveal() if word.shown is not None else ""
    if as_json:
        print_json({"proposal_no": number, "done": what, **({"link": shown} if shown else {})})
        return
    sys.stdout.write(done_text(f"proposal_{what}", settings.lang, number=str(number)) + "\n")
    if shown:
        sys.stdout.write(done_text("link_to_hand_on", settings.lang, link=shown) + "\n")


def _proposal(settings: Settings, merchant_no: MerchantNo, number: int) -> Proposal | None:
    with lists_of(settings) as queries:
        rows = queries.list_proposals(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX))
    return next((row for row in rows if row.proposal_no == number), None)
