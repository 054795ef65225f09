"""Texts as data: keys into `words.toml` with their values; a front turns them into one language."""

import msgspec


class Text(msgspec.Struct, frozen=True):
    """A wording: its key in words.toml and the values that stand in it; or a literal when key is empty."""

    key: str
    values: tuple[tuple[str, str], ...] = ()


def words(key: str, **values: str) -> Text:
    """A wording with its values. A value that begins with `@` stands for the words of that key."""
    return Text(key, tuple(sorted(values.items())))


def literal(text: str) -> Text:
    """A text that is the same in every language: a name, a number."""
    return Text("", (("text", text),))


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why something did not go on: what happened, what to do, and the short code for the phone."""

    code: str
    what: Text
    todo: Text
    money: Text | None = None
    """How the payment stands that this came upon; whoever has to sign in again must not guess it."""
    added: str = ""
    """What the host adds for people, as it came."""
