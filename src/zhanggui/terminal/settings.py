"""What is fixed for one terminal, in `<data>/terminals/<number>/terminal.toml`.

number = "10000001"
model = "smart"
merchant_no = "102100058120001"
host = "127.0.0.1"
port = 8583
door_port = 8601
timeout_s = 60.0
lang = "zh"
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import msgspec

from ..basics.bad_json import BAD_JSON
from ..basics.errors import Fault, Misuse
from ..basics.numbers import MerchantNo, TerminalNo, parse_merchant_no, parse_terminal_no
from ..basics.words import Lang
from .devices.owner_file import write_owner_only
from .models.profiles import ModelName

FOLDER = "terminals"
FILE = "terminal.toml"
CHOSEN_LANG = "lang"
"""What was chosen at the terminal; it goes before the first language of the settings."""
_LANGS: tuple[Lang, ...] = get_args(Lang)
SUPPORT_PHONE = "400-000-0000 (demo)"


class TerminalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one terminal."""

    number: str
    model: ModelName
    merchant_no: str
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8583
    door_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8601
    """Where the same host serves its HTTP door."""
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=300)] = 60.0
    """Seconds that an answer of the host may take."""
    lang: Lang = "zh"
    dialect: str = "unionpay"
    clock_offset_s: int = 0
    """How far the virtual clock is off; for trying out what a wrong clock does."""
    support_phone: str = SUPPORT_PHONE

    def numbers(self) -> tuple[TerminalNo, MerchantNo]:
        """Terminal and merchant number, checked. Misuse names the one that is wrong."""
        try:
            return parse_terminal_no(self.number), parse_merchant_no(self.merchant_no)
        except ValueError as error:
            raise Misuse(f"terminal settings: {error}") from None


def terminal_folder(data: Path, number: str) -> Path:
    """Where a terminal keeps its files. Misuse for a number that could not be one."""
    try:
        return data / FOLDER / parse_terminal_no(number)
    except ValueError as error:
        raise Misuse(f"terminal number: {error}") from None


def terminals_in(data: Path) -> Sequence[str]:
    """Numbers of the terminals that have settings in this data folder, in order."""
    return sorted(path.parent.name for path in (data / FOLDER).glob(f"*/{FILE}"))


def read_settings(data: Path, number: str) -> TerminalSettings:
    """Read a terminal's settings. Misuse when there are none or they are wrong, Fault when the disk refuses."""
    path = terminal_folder(data, number) / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        known = ", ".join(terminals_in(data)) or "none yet"
        raise Misuse(f"there is no terminal {number} in {data} (known: {known})") from None
    except OSError as error:
        raise Fault(f"can't read {path}: {error.strerror or error}") from error
    try:
        settings = msgspec.toml.decode(content, type=TerminalSettings)
    except BAD_JSON as error:
        raise Misuse(f"{path}: {error}. Correct the file, or remove it and make the terminal anew.") from None
    settings.numbers()
    if settings.number != number:
        raise Misuse(f"{path} is the file of terminal {settings.number}; it lies in the folder of {number}")
    return settings


def write_settings(data: Path, settings: TerminalSettings) -> Path:
    """Write a terminal's settings, whole or not at all; the answer is the file. Fault when the disk refuses."""
    settings.numbers()
    path = terminal_folder(data, settings.number) / FILE
    # A JSON string is a TOML basic string; numbers are written alike.
    values = {name: msgspec.json.encode(getattr(settings, name)).decode() for name in settings.__struct_fields__}
    write_owner_only(path, "".join(f"{name} = {value}\n" for name, value in values.items()).encode())
    return path


def read_chosen_lang(data: Path, number: str) -> Lang | None:
    """The language that was chosen at this terminal before it was switched off; None when none was, or the file is damaged."""
    try:
        chosen = (terminal_folder(data, number) / CHOSEN_LANG).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return next((lang for lang in _LANGS if lang == chosen), None)


def write_chosen_lang(data: Path, number: str, lang: Lang) -> None:
    """Keep the language chosen at this terminal. Fault when the disk refuses."""
    write_owner_only(terminal_folder(data, number) / CHOSEN_LANG, f"{lang}\n".encode())
