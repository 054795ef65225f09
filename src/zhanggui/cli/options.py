"""Options that many commands share, and the settings that they make.

Cyclopts spreads the fields of a struct whose name is `*` over the command line, so each command names its own options only.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from ..basics.words import Lang
from ..programs.settings import Settings, load_settings

LangOption = Annotated[Lang | None, Parameter(name="--lang", help="语言 language (zh)")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="以 JSON 输出 print JSON")]
Merchant = Annotated[str, Parameter(name="--merchant", help="商户号 merchant number (the only one)")]
By = Annotated[
    str, Parameter(name="--by", help="代表某操作员，按其权限 on behalf of this operator, with that operator's rights")
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common:
    """Where a command finds its data and settings, and the language that it speaks."""

    data: Annotated[Path | None, Parameter(name="--data", help="数据目录 data folder (./zhanggui-data)")] = None
    lang: LangOption = None
    config: Annotated[Path | None, Parameter(name="--config", help="设置文件 settings file (./zhanggui.toml)")] = None

    def settings(self, **options: Any) -> Settings:
        """The settings of a command; `host__port=1` is the option of the setting `host.port`."""
        given = {name.replace("__", "."): value for name, value in options.items()}
        data = str(self.data) if self.data else None
        return load_settings(file=self.config, options={"data": data, "lang": self.lang, **given})


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Printing(Common):
    """The same, for a command that prints text or JSON."""

    json: Json = False


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class AtMerchant(Printing):
    """The same, at one merchant."""

    merchant: Merchant = ""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Managing(AtMerchant):
    """The same, for an act of management."""

    by: By = ""


COMMON, PRINTING, AT_MERCHANT, MANAGING = Common(), Printing(), AtMerchant(), Managing()
"""What holds when no option is given."""
