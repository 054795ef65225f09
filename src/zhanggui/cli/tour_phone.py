"""A made-up phone, for stories: it opens the page of a code and answers it over HTTP, as a browser does."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import msgspec

from ..basics.errors import Fault
from ..basics.secret import Secret

PHONE_WITHIN_S = 10.0
OK = 200


def answer_code(address: str, login: str, password: Secret) -> str:
    """Scan, type, send; the answer is the outcome: `known`, `again`, `over`. Fault when the page does not answer."""
    where = urlsplit(address)
    line = HTTPConnection(where.hostname or "", where.port, timeout=PHONE_WITHIN_S)
    try:
        line.request("GET", where.path)
        opened = line.getresponse()
        opened.read()
        headers = {
            "Origin": f"{where.scheme}://{where.netloc}",
            "Cookie": (opened.getheader("Set-Cookie") or "").partition(";")[0],
        }
        typed = msgspec.json.encode({"login": login, "password": password.reveal()})
        line.request("POST", where.path, typed, headers)
        answered = line.getresponse()
        body = answered.read()
    except OSError as error:
        raise Fault(f"the page for phones did not answer ({error})") from None
    finally:
        line.close()
    if answered.status != OK:
        raise Fault(f"the page for phones answered {answered.status}")
    outcome: str = msgspec.json.decode(body, type=dict[str, str | int])["outcome"]  # type: ignore[assignment]  # a word
    return outcome
