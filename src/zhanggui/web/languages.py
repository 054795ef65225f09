"""The two languages of every page: which one somebody wants, and how a page says so. Templates know the tables by these names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from litestar import Request

from ..basics.words import Lang, Word

OTHER: Mapping[Lang, Lang] = MappingProxyType({"zh": "en", "en": "zh"})
"""What a page's link to the other language leads to."""
OWN_NAME: Mapping[Lang, str] = MappingProxyType({"zh": "中文", "en": "English"})
"""A language as those call it who speak it."""
HTML_LANG: Mapping[Lang, str] = MappingProxyType({"zh": "zh-CN", "en": "en"})
"""What stands in the attribute `lang` of a page or of a part of it."""


LANG_COOKIE = "zhanggui_lang"
"""Where pages that lead to each other keep what was chosen."""
SECURE_LANG_COOKIE = "__Host-zhanggui_lang"
"""The same where pages come encrypted: nobody on the way can have put it there (RFC 6265bis, 4.1.3.2)."""


def lang_of(request: Request[Any, Any, Any]) -> Lang:
    """As chosen in the address (`?lang=en`) or before, else what the browser names first; Chinese where it names neither."""
    kept = (request.cookies.get(name) for name in (SECURE_LANG_COOKIE, LANG_COOKIE))
    for chosen in (request.query_params.get("lang"), *kept):
        if chosen in ("zh", "en"):
            return "en" if chosen == "en" else "zh"
    return lang_of_header(request)


def lang_of_header(request: Request[Any, Any, Any]) -> Lang:
    """What is named first among those that somebody wants; Chinese where it is neither."""
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


def wordings(words: Mapping[str, Word], lang: Lang) -> dict[str, str]:
    """A catalogue in one language, as a template takes it."""
    return {key: word.of(lang) for key, word in words.items()}
