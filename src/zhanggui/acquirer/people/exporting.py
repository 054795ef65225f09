"""Who takes a list away in a file. It is a right of its own, apart from looking, and stands in the chain before anything is written."""

from ...basics.numbers import MerchantNo, UnixMs
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.records import Counter
from ..rows.state import Needs, State
from .rights import EXPORTS

EXPORT_LIST = "export_list"


def export_needs(merchant_no: MerchantNo) -> Needs:
    """The rows that an export needs: those of its note."""
    return Needs({Counter: [(merchant_no, "note")]})


def may_export(by: Actor, area: str) -> bool:
    """Whether this one may take lists of an area away."""
    return may_manage(by, EXPORT_LIST) and (by.actions is None or f"{EXPORTS}{area}" in by.actions)


def decide_export(
    state: State, merchant_no: MerchantNo, area: str, list_name: str, detail: str, by: Actor, now: UnixMs
) -> Decision:
    """Let somebody have a list of a shop (`*`: of all together). `detail`: the format and what was asked, no name of a person in it."""
    if not may_export(by, area):
        return Decision(reason=NOT_PERMITTED)
    return Decision(changes=noted(state, merchant_no, by, EXPORT_LIST, list_name, detail, now))
