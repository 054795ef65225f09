"""Pages of every program stand in one frame, and find out in one way which language somebody wants."""

from pathlib import Path
from typing import Any, cast

import pytest
from litestar import Request

from zhanggui.basics.words import Lang
from zhanggui.phone.said import WORDS
from zhanggui.web.languages import HTML_LANG, LANG_COOKIE, OTHER, OWN_NAME, SECURE_LANG_COOKIE, lang_of, wordings
from zhanggui.web.pages import Templates

HOUSE = Path(__file__).parents[3] / "src" / "zhanggui"
FRAMES = {"base.html", "pocket.html"}
OURS = sorted(HOUSE.rglob("templates/*.html"))


class Asked:
    """What a browser says of its language."""

    def __init__(self, chosen: str | None, accepted: str | None, kept: str | None = None) -> None:
        self.cookies = {LANG_COOKIE: kept} if kept is not None else {}
        self.query_params = {"lang": chosen} if chosen is not None else {}
        self.headers = {"accept-language": accepted} if accepted is not None else {}


@pytest.mark.parametrize(
    ("chosen", "accepted", "lang"),
    [
        (None, None, "zh"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "EN", "en"),
        (None, "de,en;q=0.9", "zh"),
        ("zh", "en-GB", "zh"),
        ("en", "zh-CN", "en"),
        ("de", "en", "en"),
        ("", None, "zh"),
    ],
)
def test_the_language_is_the_chosen_one_else_what_the_browser_names_first(
    chosen: str | None, accepted: str | None, lang: Lang
) -> None:
    assert lang_of(cast(Request[Any, Any, Any], Asked(chosen, accepted))) == lang


def test_what_was_chosen_before_goes_before_what_the_browser_names() -> None:
    def lang(asked: Asked) -> Lang:
        return lang_of(cast(Request[Any, Any, Any], asked))

    assert lang(Asked(None, "zh-CN", kept="en")) == "en"
    assert lang(Asked("zh", "en", kept="en")) == "zh"
    assert lang(Asked(None, "en", kept="de")) == "en"
    encrypted = Asked(None, "zh-CN", kept="zh")
    encrypted.cookies[SECURE_LANG_COOKIE] = "en"
    assert lang(encrypted) == "en", "what came encrypted goes before what anybody on the way can have put there"


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_page_brings_a_frame_of_its_own(path: Path) -> None:
    is_frame = path.parent.parent.name == "web"
    assert path.name not in FRAMES or is_frame
    text = path.read_text(encoding="utf-8")
    assert ("<!doctype" in text) == (is_frame and path.name == "base.html")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_for_a_phone_links_to_the_other_language_in_that_language(lang: Lang) -> None:
    page = Templates("zhanggui.phone").text("slip.html", lang=lang, words=wordings(WORDS, lang), lines=(), became="")
    other = OTHER[lang]
    assert f'<html lang="{HTML_LANG[lang]}">' in page
    assert f'href="?lang={other}" lang="{HTML_LANG[other]}">{OWN_NAME[other]}</a>' in page
