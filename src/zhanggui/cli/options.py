"""Options that many commands share, and the settings that they make."""

from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from .settings import Settings, load_settings

Data = Annotated[Path | None, Parameter(name="--data", help="数据目录 data folder (./zhanggui-data)")]
Lang = Annotated[Literal["zh", "en"] | None, Parameter(name="--lang", help="语言 language (zh)")]
Config = Annotated[Path | None, Parameter(name="--config", help="设置文件 settings file (./zhanggui.toml)")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="以 JSON 输出 print JSON")]


def settings_of(config: Path | None, data: Path | None, lang: str | None, **options: Any) -> Settings:
    """The settings of a command; `host__port=1` is the option of the setting `host.port`."""
    given = {name.replace("__", "."): value for name, value in options.items()}
    return load_settings(file=config, options={"data": str(data) if data else None, "lang": lang, **given})
