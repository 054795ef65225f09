"""Why something was refused, undone or ended, as a cell of a list and a moment of a story say it."""

from ..acquirer.people.rights import PERSON
from ..acquirer.rows.reasons import Reason, parameter_words, tell_reason
from ..basics.words import Lang, Word
from .listing import view_words, word_of


def reason_said(reason: Reason, lang: Lang) -> str:
    """In Chinese the cause. In English the word itself: it reads as what it means, is shorter than the cause, and filters the list.

    >>> reason_said("signed_out:asked", "zh"), reason_said("signed_out:asked", "en"), reason_said("", "zh")
    ('操作员签退（本人操作）', 'signed_out:asked', '')
    """
    told = tell_reason(reason, lang) if lang == "zh" else None
    return reason if told is None else told.cause


def part_called(item: str, lang: Lang) -> str:
    """A part of a terminal that its self-check names.

    >>> part_called("card_reader", "zh"), part_called("of_a_later_model", "zh")
    ('读卡器', 'of_a_later_model')
    """
    known = parameter_words().get(item)
    return item if known is None else known.of(lang)


def actor_said(actor: str, lang: Lang) -> str:
    """Who did something, as a list shows it: people of the office by their login name, programs in words.

    >>> actor_said("person:demo.owner", "zh"), actor_said("console", "zh"), actor_said("00", "zh")
    ('demo.owner', '控制台', '00')
    """
    key = f"by.{actor}"
    return word_of(key, lang) if key in view_words() else actor.removeprefix(PERSON)


def reason_word(reason: Reason) -> Word:
    """The cause in both languages. What no catalogue knows stands as it is; – where there is no reason.

    >>> reason_word("signed_out:asked").zh, reason_word("of_a_later_version").en, reason_word("").zh
    ('操作员签退（本人操作）', 'of_a_later_version', '–')
    """
    zh, en = tell_reason(reason, "zh"), tell_reason(reason, "en")
    return Word(zh=zh.cause, en=en.cause) if zh and en else Word(zh=reason or "–", en=reason or "–")
