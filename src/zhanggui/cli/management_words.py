"""What the management commands say: refusals with what to do next, and what an act did, in Chinese and English."""

from ..acquirer.rows.reasons import tell_reason
from ..basics.errors import Defect
from ..basics.words import Lang, load_words

DONE = load_words(__package__, "management.toml")


def refusal_text(reason: str, lang: Lang) -> str:
    """What a refusal says to whoever manages: the cause, and the next step where there is one."""
    told = tell_reason(reason, lang)
    if told is None:
        raise Defect(f"reasons.toml has no '{reason}'")
    return ("；" if lang == "zh" else "; ").join(part for part in (told.cause, told.support) if part)


def done_text(key: str, lang: str, **values: str) -> str:
    """What an act did."""
    return DONE[key].fill(lang, **values)
