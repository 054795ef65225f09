"""Why something was refused, undone or ended, as a cell of a list says it."""

from ..acquirer.rows.reasons import Reason, tell_reason
from ..basics.words import Lang


def reason_said(reason: Reason, lang: Lang) -> str:
    """In Chinese the cause. In English the word itself: it reads as what it means, is shorter than the cause, and filters the list.

    >>> reason_said("signed_out:asked", "zh"), reason_said("signed_out:asked", "en"), reason_said("", "zh")
    ('操作员签退（本人操作）', 'signed_out:asked', '')
    """
    told = tell_reason(reason, lang) if lang == "zh" else None
    return reason if told is None else told.cause
