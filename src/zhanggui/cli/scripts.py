"""`zhanggui scripts`: what became of issuers' scripts, and orders to the simulated bank to send one."""

import msgspec

from ..bank.cards import card_named
from ..bank.setup import open_vault, order_script, ordered_scripts
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo
from ..programs.data_folder import Places, passphrase_of, require_data
from ..programs.settings import Settings
from ..store.queries import PlaceFilter
from ..views.scripts import SCRIPTS, read_scripts
from .lists import lists_of, print_list
from .output import print_json
from .words import say


def list_scripts(settings: Settings, merchant: str, limit: int, *, as_json: bool) -> None:
    """List what the host knows."""
    wanted = PlaceFilter(merchant_no=MerchantNo(merchant) if merchant else None, limit=limit)
    with lists_of(settings) as queries:
        rows = read_scripts(queries, wanted)
    print_list(settings, SCRIPTS, rows, as_json=as_json)


def order(settings: Settings, card: str, offline_limit: int | None, *, block: bool, as_json: bool) -> None:
    """Order one script. Misuse where not exactly one order is given, or there is no such card."""
    if block == (offline_limit is not None):
        raise Misuse("give either --offline-limit N or --block")
    places = Places(settings.data_path)
    require_data(places)
    vault = open_vault(settings.data_path, passphrase_of(settings, places), SystemChance())
    try:
        pan = card if card.isdigit() else card_named(card).pan
    except KeyError:
        raise Misuse(f"there is no test card '{card}'; docs/reference/test-cards.md lists them") from None
    try:
        number = order_script(
            settings.data_path,
            vault,
            pan,
            "block" if offline_limit is None else "offline_limit",
            offline_limit or 0,
            SystemClock().now(),
        )
    except ValueError as error:
        raise Misuse(f"card number: {error}") from None
    if as_json:
        print_json({"script_no": number})
    else:
        say(settings.lang, "script_ordered", number=str(number))


def ordered(settings: Settings, *, as_json: bool) -> None:
    """List what the bank has for its chips."""
    require_data(Places(settings.data_path))
    scripts = ordered_scripts(settings.data_path)
    if as_json:
        print_json([msgspec.structs.asdict(one) for one in scripts])
        return
    for one in scripts:
        result = one.result or "-"
        say(
            settings.lang,
            f"script_{one.order}_{one.state}",
            number=str(one.script_no),
            value=str(one.value),
            sent=str(one.sent),
            result=result,
        )
