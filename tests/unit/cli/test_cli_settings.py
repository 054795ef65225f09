"""Settings: file, then environment, then options; what is unknown or wrong is named."""

from pathlib import Path

import pytest

from zhanggui.basics.errors import Misuse
from zhanggui.programs.settings import PREFIX, Settings, known_settings, load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a zhanggui.toml."""
    monkeypatch.chdir(tmp_path)


def written(text: str) -> Path:
    path = Path("zhanggui.toml")
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_the_built_in_values_stand() -> None:
    assert load_settings(environment={}) == Settings()
    assert (Settings().host.port, Settings().bank.port, Settings().terminal.port) == (8583, 8590, 8600)


def test_a_file_goes_before_the_built_in_values_the_environment_before_the_file_and_an_option_before_both() -> None:
    written('lang = "en"\ndata = "from-file"\n[host]\nport = 1\nlisten = "127.0.0.2"\n[bank]\nport = 11\n')
    environment = {
        "ZHANGGUI_HOST_PORT": "2",
        "ZHANGGUI_DATA": "from-environment",
        "ZHANGGUI_BANK_PORT": "12",
        "PATH": "/bin",
    }
    settings = load_settings(environment=environment, options={"host.port": 3, "data": None, "lang": None})
    assert (settings.lang, settings.host.listen) == ("en", "127.0.0.2")
    assert (settings.data, settings.bank.port) == ("from-environment", 12)
    assert settings.host.port == 3


def test_the_file_can_be_named_and_must_then_be_there(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('lang = "en"\n', encoding="utf-8")
    assert load_settings(file=other, environment={}).lang == "en"
    with pytest.raises(Misuse, match=r"missing\.toml"):
        load_settings(file=tmp_path / "missing.toml", environment={})


@pytest.mark.parametrize("name", known_settings())
def test_every_setting_can_be_set_by_environment(name: str) -> None:
    section, _, inner = name.rpartition(".")
    before = getattr(Settings(), section) if section else Settings()
    now = getattr(before, inner)
    known = {"lang": "en", "log_level": "debug", "host.acquirer_code": "12345678901"}
    other = f"{not now}" if isinstance(now, bool) else f"{now + 1}" if isinstance(now, int | float) else "other"
    value = known.get(name, other)
    loaded = load_settings(environment={PREFIX + name.replace(".", "_").upper(): value})
    after = getattr(loaded, section) if section else loaded
    assert str(getattr(after, inner)) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("prot = 1", "prot"),
        ("[host]\nprot = 1", r"host\.prot"),
        ("[hsot]\nport = 1", r"hsot\.port"),
        ("host = 3", "host"),
        ("[data]\nx = 1", r"data\.x"),
    ],
)
def test_an_unknown_setting_of_the_file_is_named_with_its_place_and_the_known_ones(text: str, name: str) -> None:
    written(text)
    with pytest.raises(Misuse, match=rf"unknown setting '{name}' \(zhanggui\.toml\)\. Known settings: .*host\.port"):
        load_settings(environment={})


@pytest.mark.parametrize("variable", ["ZHANGGUI_PROT", "ZHANGGUI_HOST_PROT", "ZHANGGUI_"])
def test_an_unknown_variable_is_named(variable: str) -> None:
    with pytest.raises(Misuse, match=rf"environment variable {variable}\)"):
        load_settings(environment={variable: "1"})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[host]\nport = "many"', r"\$\.host\.port"),
        ("[host]\nport = 70000", r"\$\.host\.port"),
        ("[host]\nport = 0", r"\$\.host\.port"),
        ("[host]\nbank_timeout_s = -1", r"\$\.host\.bank_timeout_s"),
        ('lang = "fr"', r"\$\.lang"),
        ("data = 3", r"\$\.data"),
    ],
)
def test_a_setting_of_a_wrong_kind_is_named(text: str, place: str) -> None:
    written(text)
    with pytest.raises(Misuse, match=place):
        load_settings(environment={})


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_named(content: bytes) -> None:
    Path("zhanggui.toml").write_bytes(content)
    with pytest.raises(Misuse, match=r"zhanggui\.toml"):
        load_settings(environment={})


def test_the_passphrase_is_never_shown() -> None:
    settings = load_settings(environment={"ZHANGGUI_PASSPHRASE": "correct horse"})
    secret = settings.passphrase_secret()
    assert secret is not None
    assert secret.reveal() == "correct horse"
    assert "correct horse" not in f"{settings} {settings!r} {secret}"
    assert Settings().passphrase_secret() is None


def test_the_data_folder_is_where_the_command_was_called(tmp_path: Path) -> None:
    assert load_settings(environment={}).data_path == tmp_path / "zhanggui-data"


@pytest.mark.parametrize("code", ["", "abc", "0888888８", "0888-888", "123456789012"])
def test_an_acquirer_code_that_no_answer_could_carry_is_refused_at_the_start(code: str) -> None:
    with pytest.raises(Misuse, match=r"host\.acquirer_code is 1 to 11 digits .* Correct it in"):
        load_settings(environment={"ZHANGGUI_HOST_ACQUIRER_CODE": code})


@pytest.mark.parametrize("name", ["掌" * 6, "a" * 12, "a" * 100_000, "a\x1b[2J", "\u3164", ""])
def test_an_acquirer_name_that_would_be_cut_or_steer_a_screen_is_refused_at_the_start(name: str) -> None:
    with pytest.raises(Misuse, match=r"host\.acquirer_name has at most 11 bytes .* Shorten it in"):
        load_settings(environment={"ZHANGGUI_HOST_ACQUIRER_NAME": name})


def test_an_acquirer_name_of_eleven_bytes_is_taken() -> None:
    assert load_settings(environment={"ZHANGGUI_HOST_ACQUIRER_NAME": "掌柜收单x"}).host.acquirer_name == "掌柜收单x"
    assert load_settings(environment={"ZHANGGUI_HOST_ACQUIRER_NAME": "a" * 11}).host.acquirer_name == "a" * 11
