"""What the management commands say: refusals with what to do next, and what an act did, in Chinese and English."""

from ..acquirer.rows.reasons import sentence_of, tell_reason
from ..basics.errors import Defect
from ..basics.words import Lang, load_words

DONE = load_words(__package__, "management.toml")


def refusal_text(reason: str, lang: Lang) -> str:
    """What a refusal says to whoever manages: the cause, and the next step where there is one."""
    if tell_reason(reason, lang) is None:
        raise Defect(f"reasons.toml has no '{reason}'")
    return sentence_of(reason, lang)


def done_text(key: str, lang: str, **values: str) -> str:
    """What an act did."""
    return DONE[key].fill(lang, **values)
