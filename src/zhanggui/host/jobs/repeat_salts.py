"""The salts under which payments are marked, so that a repeat can be told (`acquirer/payments/repeats.py`): new ones come, old ones go.

A salt is good for the payments of one time. It is kept until none of them can be repeated any more; then it is deleted, and what
the marks held of PIN blocks and tracks is gone with it, without a payment being touched. Hosts of one database share the salts.
"""

from ...acquirer.payments.repeats import REPEAT_WITHIN_MS, SALT_KIND, salt_key
from ...acquirer.rows.records import WHOLE_HOST, Counter, Salt
from ...acquirer.rows.state import Delete, Insert, Needs, State, Update
from ...basics.chance import Chance
from ...basics.numbers import MerchantNo
from ..commit import Door, Sheet
from ..work import Desk

SALT_BYTES = 16
SALTS_KEPT = 3
"""Today's and two before: a host that is a little late may still have marked by the one before, within the time of a repeat."""
RENEWED_EVERY_S = 60.0
"""How often a host looks whether the next one is due."""
_NEWEST = (WHOLE_HOST, "repeat_salt")


async def renew_repeat_salt(door: Door, desk: Desk, chance: Chance) -> None:
    """See that there is a salt for now, delete those that are over, and mark by the newest from here on."""

    def more_needs(state: State, more: Needs) -> None:
        counter = state.get(Counter, *_NEWEST)
        for number in _kept(counter.value) if counter is not None else ():
            more.add(Salt, salt_key(number))

    def renew(sheet: Sheet) -> tuple[int, bytes]:
        counter = sheet.state.get(Counter, *_NEWEST)
        number = sheet.now // REPEAT_WITHIN_MS
        if counter is not None and counter.value >= number:
            # Also when the clock was put back: a number only grows.
            number = counter.value
        salt = sheet.state.get(Salt, *salt_key(number))
        if salt is None:
            salt = Salt(
                merchant_no=MerchantNo(WHOLE_HOST),
                record_kind=SALT_KIND,
                record_no=number,
                salt=chance.take_secret(SALT_BYTES),
            )
            newest = Counter(merchant_no=WHOLE_HOST, name=_NEWEST[1], value=number)
            sheet.take((Insert(newest) if counter is None else Update(newest), Insert(salt)))
            known = _kept(counter.value) if counter is not None else ()
            old = (sheet.state.get(Salt, *salt_key(one)) for one in known if one not in _kept(number))
            sheet.take(Delete(row) for row in old if row is not None)
        return number, salt.salt

    desk.repeat_salt = await door.commit(Needs({Counter: [_NEWEST]}), renew, more_needs, tries_max=3)


def _kept(newest: int) -> range:
    return range(newest - SALTS_KEPT + 1, newest + 1)
