"""An address that people or programs are sent to comes from the settings: a request's own Host is whatever its sender wrote there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
OF_A_REQUEST = frozenset({"base_url", "url_for"})
OF_ITS_URL = frozenset({"netloc", "hostname", "scheme", "port"})
"""Names by which web frameworks hand out what a request says of its own address."""
READS_THE_HOST = frozenset({"web/guards.py"})
"""Where it is compared with names that are known, and goes nowhere."""


def offences(source: str) -> Iterator[str]:
    for node in ast.walk(tree_of(source)):
        match node:
            case ast.Attribute(attr=name) if name in OF_A_REQUEST:
                yield f"{node.lineno}: {name}"
            case ast.Attribute(value=ast.Attribute(attr="url"), attr=name) if name in OF_ITS_URL:
                yield f"{node.lineno}: url.{name}"
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str() as header), *_]) if (
                header.lower() in ("host", "x-forwarded-host", "forwarded")
            ):
                yield f"{node.lineno}: {header}"
            case _:
                pass


@pytest.mark.parametrize(
    "planted",
    ["f'http://{request.url.netloc}/q/'", "request.base_url", "request.headers.get('Host')", "request.url.hostname"],
)
def test_a_planted_address_is_found(planted: str) -> None:
    assert list(offences(planted))


def test_no_code_makes_an_address_of_what_a_request_says() -> None:
    found = {
        name: told
        for path in sorted(HOUSE.rglob("*.py"))
        if (name := path.relative_to(HOUSE).as_posix()) not in READS_THE_HOST
        and (told := list(offences(path.read_text(encoding="utf-8"))))
    }
    assert found == {}
