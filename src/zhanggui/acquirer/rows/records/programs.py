"""Programs that come to the interface (接口): the tokens by which they come, and what they were answered, for whoever asks again.

All of it stands under one key (`WHOLE_HOST`), as people do: a token is looked up before anybody knows which shop it belongs to.
"""

from ....basics.numbers import UnixMs
from .record import Record

__all__ = ["ApiAnswer", "ApiToken"]


class ApiToken(Record, frozen=True, kw_only=True):
    """What a program comes with, in one person's name and with no more than that person's rights. Of its secret there is a keyed hash alone."""

    KEY = ("merchant_no", "token_id")

    merchant_no: str
    """Always `*`."""
    token_id: str
    """Drawn by chance; it stands before the secret, in notes and in lists."""
    mark: str
    """Keyed hash of the whole text, in hexadecimal; empty while nobody has drawn the secret."""
    shop_no: str
    """The only shop in which it counts; empty: all."""
    login: str
    """Whose rights bound it, as they are when it is used."""
    name: str
    scopes: str
    """What it may, as `area:what`, a blank between."""
    made_ms: UnixMs
    made_by: str
    """Who made it, as the note names them: two, where it took two."""
    expires_ms: UnixMs
    last_used_day: str = ""
    """The last day of China on which it was used, `2026-11-30`; empty while it never was."""
    revoked_ms: UnixMs | None = None
    revoked_by: str = ""


class ApiAnswer(Record, frozen=True, kw_only=True):
    """What an act by a token was answered, kept for a day: the same request under the same key is answered the same, and done once."""

    KEY = ("merchant_no", "mark")

    merchant_no: str
    """Always `*`."""
    mark: str
    """Keyed hash over the token and the key that its program gave, in hexadecimal."""
    token_id: str
    fingerprint: bytes
    """Keyed hash of the request."""
    status: int
    body: bytes
    """What was answered, sealed by the vault: it may hold what is shown once."""
    made_ms: UnixMs


RECORDS: tuple[type[Record], ...] = (ApiToken, ApiAnswer)
"""In the order of writing."""
