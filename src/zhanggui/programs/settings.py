"""Settings: built-in values, then `zhanggui.toml`, then the environment (`ZHANGGUI_…`), then options of the command.

The language begins with that of the console (`LC_ALL`, `LC_MESSAGES`, `LANG`); each of the others goes before it.

    data = "./zhanggui-data"        ZHANGGUI_DATA
    lang = "zh"                     ZHANGGUI_LANG
    [host]                          ZHANGGUI_HOST_PORT, …
    port = 8583

A name that does not exist is an error in both places: a typing error must not pass for a setting.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from ..basics.bad_json import BAD_JSON
from ..basics.errors import Misuse
from ..basics.secret import Secret
from ..basics.visible import is_visible
from ..basics.words import Lang
from ..cup.messages.institutions import INSTITUTION_BYTES

FILE = "zhanggui.toml"
PREFIX = "ZHANGGUI_"
LANG_VARIABLE = "ZHANGGUI_LANG"
_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order of POSIX (XBD 8.2): the first that is not empty counts."""
_NO_LOCALES = ("", "C", "POSIX")
ACQUIRER_CODE_DIGITS_MAX = 11

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=3600)]
PerMinute = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class HostSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The acquirer's host."""

    listen: str = "127.0.0.1"
    port: Port = 8583
    dialect: str = "unionpay"
    bank_timeout_s: Seconds = 45.0
    acquirer_code: str = "08888888"
    acquirer_name: str = "掌柜收单"
    unknown_per_minute: PerMinute = 60
    """Unproven messages about shops and terminals that are not there, from one address; beyond it answers come late. 0 is no bound."""
    store: str = ""
    """A database address (`postgresql://…`); empty means the SQLite file in the data folder."""


class BankSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bank simulator."""

    listen: str = "127.0.0.1"
    port: Port = 8590
    slow_answer_s: Seconds = 8.0


class WalletsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The simulated QR wallets."""

    listen: str = "127.0.0.1"
    port: Port = 8595
    slow_answer_s: Seconds = 8.0
    silent_s: Seconds = 60.0
    notices_listen: str = "127.0.0.1"
    """Where the host hears wallets' notices, on any free port; it tells them which."""


class TerminalSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terminals' page."""

    listen: str = "127.0.0.1"
    port: Port = 8600
    timeout_s: Seconds = 60.0
    certificate: str = ""
    """A PEM file for a page that is served beyond this machine; empty means one of its own making."""
    certificate_key: str = ""
    """The key of that certificate, as PEM."""


class DoorSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The host's HTTP door for terminals (终端服务口): what has no room in an 8583 message. What is said there is sealed."""

    listen: str = ""
    """The address that it is served on; empty: it is not, other than by `up`, which serves it on this machine."""
    port: Port = 8601


class PhoneSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The host's page for operators' phones (手机签到)."""

    listen: str = ""
    """The address that it is served on; empty: it is not. Beyond this machine it is encrypted."""
    port: Port = 8610
    name: str = ""
    """The name or address under which phones find it; empty: the one that it is served on."""
    certificate: str = ""
    """A PEM file that phones trust; empty means one of its own making, of which they warn."""
    certificate_key: str = ""
    """The key of that certificate, as PEM."""


class OfficeSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The back office (后台)."""

    listen: str = "127.0.0.1"
    """The address that it is served on; beyond this machine it is encrypted. Empty: it is not served."""
    port: Port = 8700
    name: str = ""
    """The name under which it is opened, where that is not the address."""
    certificate: str = ""
    """A PEM file that browsers trust; empty means one of its own making, of which they warn."""
    certificate_key: str = ""
    """The key of that certificate, as PEM."""


class WebhooksSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What programs of others are told."""

    allow_private: bool = False
    """Whether a webhook may lead to this machine or a network inside, and without encryption. Anybody who adds one reaches them then."""


class MetricsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What programs count: `/metrics` for Prometheus, `/health`, `/ready`, of each on a port of its own. Nobody signs in to them."""

    listen: str = ""
    """The address that they are served on, such as `127.0.0.1`; empty: they are not."""
    port: Port = 8680
    """Of the host."""
    office_port: Port = 8681
    terminal_port: Port = 8682
    bank_port: Port = 8683


class BySection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever acts by `--by` at the console; for scripts, where nobody can be asked."""

    password: str = ""
    """Of that operator or person; give it by environment, never in a file that others can read."""
    password_file: str = ""
    """A file whose one line is that password."""
    code: str = ""
    """The code of the authenticator app, where that person has a second factor."""

    def __repr__(self) -> str:
        return "BySection(••••)"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings."""

    data: str = "zhanggui-data"
    lang: Lang = "zh"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    core_dumps: bool = False
    """Whether the system may write the memory of a program that breaks to the disk, with its keys; for looking into a fault."""
    demo_history: bool = True
    """Whether new demo data have a past: two months of three shops, which take some seconds to make."""
    passphrase: str = ""
    """Opens the sealed keys; give it by environment, never in a file that others can read."""
    host: HostSection = HostSection()
    bank: BankSection = BankSection()
    wallets: WalletsSection = WalletsSection()
    terminal: TerminalSection = TerminalSection()
    door: DoorSection = DoorSection()
    phone: PhoneSection = PhoneSection()
    office: OfficeSection = OfficeSection()
    webhooks: WebhooksSection = WebhooksSection()
    metrics: MetricsSection = MetricsSection()
    by: BySection = BySection()

    @property
    def data_path(self) -> Path:
        """The data folder."""
        return Path(self.data).absolute()

    def passphrase_secret(self) -> Secret | None:
        """The passphrase, when one was given."""
        return Secret(self.passphrase) if self.passphrase else None

    def __repr__(self) -> str:
        return f"Settings(data={self.data!r}, lang={self.lang!r})"


_SECTIONS = ("host", "bank", "wallets", "terminal", "door", "phone", "office", "webhooks", "metrics", "by")


def load_settings(
    *, file: Path | None = None, environment: Mapping[str, str] | None = None, options: Mapping[str, Any] | None = None
) -> Settings:
    """Put the settings together. `options` has dotted names (`host.port`); None values are passed over.

    Misuse names the setting that is unknown or wrong and where it stands.
    """
    around = os.environ if environment is None else environment
    merged: dict[str, Any] = {}
    lang = lang_of_environment(around)
    if lang is not None:
        merged["lang"] = lang
    path = file if file is not None else Path(FILE)
    if file is not None and not path.is_file():
        raise Misuse(f"there is no settings file {path}")
    if path.is_file():
        _merge_file(merged, path)
    for name, value in around.items():
        if name.startswith(PREFIX):
            _set(merged, _dotted(name), value, f"environment variable {name}")
    for dotted, value in (options or {}).items():
        if value is not None:
            _set(merged, dotted, value, f"option {dotted}")
    try:
        settings = msgspec.convert(merged, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Misuse(f"settings: {error}. Known settings stand in docs/reference/settings.md.") from None
    check_for_the_wire(settings)
    return settings


def lang_of_environment(environment: Mapping[str, str]) -> Lang | None:
    """The language of a console, by its locale: Chinese, English for every other language, None where none is named.

    >>> lang_of_environment({"LANG": "en_US.UTF-8"}), lang_of_environment({"LANG": "de_DE", "LC_ALL": "zh_CN.UTF-8"})
    ('en', 'zh')
    >>> lang_of_environment({"LANG": "C.UTF-8"})
    """
    named = next((value for name in _LOCALE_VARIABLES if (value := environment.get(name, ""))), "")
    if named.partition(".")[0] in _NO_LOCALES:
        return None
    return "zh" if named.startswith("zh") else "en"


def lang_of_file(path: Path) -> Lang | None:
    """The language that a settings file names; None where it names none of ours, or can't be read."""
    try:
        named = msgspec.toml.decode(path.read_bytes()).get("lang")
    except (OSError, ValueError):
        return None
    return next((lang for lang in get_args(Lang) if lang == named), None)


def check_for_the_wire(settings: Settings) -> None:
    """Misuse when a setting is text that no answer could carry: better no host than one that answers nobody."""
    code, name = settings.host.acquirer_code, settings.host.acquirer_name
    if not (0 < len(code) <= ACQUIRER_CODE_DIGITS_MAX and code.isascii() and code.isdigit()):
        raise Misuse(
            f"settings: host.acquirer_code is 1 to {ACQUIRER_CODE_DIGITS_MAX} digits (field 32), like 08888888. "
            "Correct it in zhanggui.toml or ZHANGGUI_HOST_ACQUIRER_CODE."
        )
    if not is_visible(name) or len(name.encode("gb18030", "replace")) > INSTITUTION_BYTES:
        raise Misuse(
            f"settings: host.acquirer_name has at most {INSTITUTION_BYTES} bytes and only visible characters (half of "
            "field 44; a Chinese character takes two bytes). Shorten it in zhanggui.toml or ZHANGGUI_HOST_ACQUIRER_NAME."
        )


def known_settings() -> tuple[str, ...]:
    """Dotted names of all settings."""
    names: list[str] = []
    for field in msgspec.structs.fields(Settings):
        if field.name in _SECTIONS:
            names += [f"{field.name}.{inner.name}" for inner in msgspec.structs.fields(field.type)]
        else:
            names.append(field.name)
    return tuple(names)


def _merge_file(merged: dict[str, Any], path: Path) -> None:
    try:
        content = msgspec.toml.decode(path.read_bytes())
    except (OSError, *BAD_JSON) as error:
        raise Misuse(f"can't read the settings in {path}: {error}") from None
    for name, value in content.items():
        if isinstance(value, dict):
            for inner, inner_value in value.items():
                _set(merged, f"{name}.{inner}", inner_value, str(path))
        else:
            _set(merged, name, value, str(path))


def _dotted(variable: str) -> str:
    name = variable.removeprefix(PREFIX).lower()
    for section in _SECTIONS:
        if name.startswith(section + "_"):
            return f"{section}.{name.removeprefix(section + '_')}"
    return name


def _set(merged: dict[str, Any], dotted: str, value: Any, where: str) -> None:
    if dotted not in known_settings():
        raise Misuse(f"unknown setting '{dotted}' ({where}). Known settings: {', '.join(known_settings())}.")
    section, _, name = dotted.rpartition(".")
    if section:
        merged.setdefault(section, {})[name] = value
    else:
        merged[name] = value
