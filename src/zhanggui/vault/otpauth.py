"""The address by which an authenticator app takes over the secret of a sign-in code: otpauth://totp/… in a QR code.

Source: the key URI format that authenticator apps share; parameters as in RFC 6238 with HMAC-SHA-1.
"""

from string import ascii_letters, digits

from zhanggui.basics.secret import Secret

from .one_time_code import STEP_S

ISSUER = "Zhanggui"
"""What authenticator apps show above the codes of this house."""
UNRESERVED = frozenset((ascii_letters + digits + "-._~").encode())
"""Bytes that stand for themselves in an address (RFC 3986, 2.3)."""


def otpauth_uri(secret: Secret, *, issuer: str, account: str, code_digits: int) -> Secret:
    """The address; it holds the secret (base32 without padding), so it is a secret itself.

    >>> uri = otpauth_uri(Secret("GEZDGNBVGY3TQOJQ"), issuer="Shop", account="01 A", code_digits=6)
    >>> uri.reveal()
    'otpauth://totp/Shop:01%20A?secret=GEZDGNBVGY3TQOJQ&issuer=Shop&algorithm=SHA1&digits=6&period=30'
    """
    label = f"{_escaped(issuer)}:{_escaped(account)}"
    parameters = (
        f"secret={secret.reveal()}&issuer={_escaped(issuer)}&algorithm=SHA1&digits={code_digits}&period={STEP_S}"
    )
    return Secret(f"otpauth://totp/{label}?{parameters}")


def _escaped(text: str) -> str:
    return "".join(chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in text.encode())
