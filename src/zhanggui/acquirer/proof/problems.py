"""What an audit says of each problem, from `problems.toml`."""

from ...basics.words import load_words
from .audit import Problem

PROBLEM_WORDS = load_words(__package__, "problems.toml")
"""By `Problem.what`."""
KIND_WORDS = load_words(__package__, "kinds.toml")
"""By `Problem.record_kind`."""


def problem_text(problem: Problem, lang: str) -> str:
    """One problem as a sentence, with merchant, record and link."""
    known = KIND_WORDS.get(problem.record_kind)
    kind = problem.record_kind if known is None else known.of(lang)
    text = PROBLEM_WORDS[problem.what].fill(lang, record=f"{kind} {problem.record_no}", link=problem.link_no)
    return f"{problem.merchant_no}  {text}" if problem.merchant_no else text
