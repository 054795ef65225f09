"""Why something was refused, undone or ended, as a cell of a list and a moment of a story say it."""

from ..acquirer.rows.reasons import Reason, tell_reason
from ..basics.words import Lang, Word


def reason_said(reason: Reason, lang: Lang) -> str:
    """In Chinese the cause. In English the word itself: it reads as what it means, is shorter than the cause, and filters the list.

    >>> reason_said("signed_out:asked", "zh"), reason_said("signed_out:asked", "en"), reason_said("", "zh")
    ('操作员签退（本人操作）', 'signed_out:asked', '')
    """
    told = tell_reason(reason, lang) if lang == "zh" else None
    return reason if told is None else told.cause


def reason_word(reason: Reason) -> Word:
    """The cause in both languages. What no catalogue knows stands as it is; – where there is no reason.

    >>> reason_word("signed_out:asked").zh, reason_word("of_a_later_version").en, reason_word("").zh
    ('操作员签退（本人操作）', 'of_a_later_version', '–')
    """
    zh, en = tell_reason(reason, "zh"), tell_reason(reason, "en")
    return Word(zh=zh.cause, en=en.cause) if zh and en else Word(zh=reason or "–", en=reason or "–")
