"""What a mistake on the command line is called: in the language of the command, by names that a person has typed.

The parser names parameters as the source does; here an argument without a dash is what the help shows (`NUMBER`), an option is itself.
"""

import difflib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args, get_origin

from cyclopts import App
from cyclopts.argument import Argument
from cyclopts.exceptions import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)
from cyclopts.validators import Number

from ..basics.words import Lang
from ..programs.settings import FILE, LANG_VARIABLE, lang_of_environment, lang_of_file
from .words import WORDS

LANGS: tuple[Lang, ...] = get_args(Lang)


def misuse_text(error: CycloptsError, lang: Lang) -> str:
    """One sentence of what is wrong, and which help tells more."""
    asked = " ".join(("zhanggui", *(error.command_chain or ()), "--help"))
    return f"{_sentence(error, lang)}  ('{asked}')"


def lang_of_call(words: Sequence[str], environment: Mapping[str, str]) -> Lang:
    """The language of a command line whose settings were not read: its own `--lang`, or the one that its settings would have."""
    said = dict(pairwise(word for given in words for word in given.split("=", 1)))
    named = (said.get("--lang", ""), environment.get(LANG_VARIABLE, ""))
    chosen = next((lang for given in named for lang in LANGS if lang == given), None)
    return chosen or lang_of_file(Path(said.get("--config", FILE))) or lang_of_environment(environment) or "zh"


def is_text(word: str) -> bool:
    """Whether a word of the command line is text: what the console's encoding does not know comes as half of a pair."""
    return not any("\ud800" <= character <= "\udfff" for character in word)


def _sentence(error: CycloptsError, lang: Lang) -> str:
    match error:
        case UnknownOptionError():
            wrong = error.token.keyword or error.token.value
            known = [name for one in error.argument_collection if one.parse for name in one.names]
            return _say("unknown_option", lang, wrong=wrong) + _perhaps(wrong, known, lang)
        case UnknownCommandError() if error.unused_tokens:
            wrong = error.unused_tokens[0]
            return _say("unknown_command", lang, wrong=wrong) + _perhaps(wrong, _commands(error.app), lang)
        case UnusedCliTokensError() if error.unused_tokens:
            return _say("too_many_words", lang, wrong=" ".join(error.unused_tokens))
        case MissingArgumentError() if error.argument is not None:
            return _say("missing", lang, name=error.keyword or _shown(error.argument))
        case CoercionError() if error.argument is not None and error.token is not None:
            name, wrong = error.token.keyword or _shown(error.argument), error.token.value
            choices = _choices(error.target_type)
            if choices:
                return _say("no_choice", lang, name=name, wrong=wrong, choices=", ".join(choices))
            return _say("not_of_its_kind", lang, name=name, wrong=wrong)
        case ValidationError() if error.argument is not None and (bounds := _bounds(error.argument)):
            token = error.argument.tokens[0]
            name = token.keyword or _shown(error.argument)
            return _say("out_of_bounds", lang, name=name, wrong=token.value, least=bounds[0], most=bounds[1])
    return str(error).strip()


def _say(key: str, lang: Lang, **values: str) -> str:
    return WORDS[f"misuse_{key}"].fill(lang, **values)


def _perhaps(wrong: str, known: Sequence[str], lang: Lang) -> str:
    near = difflib.get_close_matches(wrong, known, n=1)
    return _say("perhaps", lang, near=near[0]) if near else ""


def _commands(app: App | None) -> list[str]:
    return [name for name in app or () if not name.startswith("-")]


def _shown(argument: Argument) -> str:
    return argument.name if argument.name.startswith("-") else argument.name.upper()


def _choices(kind: object) -> tuple[str, ...]:
    return tuple(map(str, get_args(kind))) if get_origin(kind) is Literal else ()


def _bounds(argument: Argument) -> tuple[str, str] | None:
    validators = argument.parameter.validator
    number = (
        next((one for one in validators if isinstance(one, Number)), None) if isinstance(validators, tuple) else None
    )
    return None if number is None else (f"{number.gte}", f"{number.lte}")
