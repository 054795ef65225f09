"""Which options choose another port, said where a port can't be had: only programs know what a listener is for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from ..basics.errors import Misuse
from ..edges.listener import CannotListen

Section = Literal["host", "bank", "terminal", "door", "phone", "wallets", "office", "metrics"]
_OPTIONS: Mapping[Section, str] = {
    "host": "'up --host-port N', 'host --port N'",
    "bank": "'up --bank-port N', 'bank --port N'",
    "terminal": "'up --page-port N', 'terminal --port N'",
    "door": "'up --door-port N', 'host --door-port N'",
    "phone": "'ZHANGGUI_PHONE_PORT'",
    "office": "'up --office-port N', 'office --port N'",
    "metrics": "'ZHANGGUI_METRICS_PORT', '…_OFFICE_PORT', '…_TERMINAL_PORT', '…_BANK_PORT'",
    "wallets": "'up --wallets-port N', 'wallets --port N'",
}
"""By section of the settings."""


@contextmanager
def naming_the_options(section: Section) -> Iterator[None]:
    """Misuse in place of CannotListen, with the options and the setting of this section's port."""
    try:
        yield
    except CannotListen as error:
        raise Misuse(f"{error} ({_OPTIONS[section]}, or {section}.port in zhanggui.toml)") from error
