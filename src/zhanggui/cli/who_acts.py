"""Who acts by `--by`: an operator's number or a person's login name, proven by the own password, which is no argument of any command.

ZHANGGUI_BY_PASSWORD  or  the file of ZHANGGUI_BY_PASSWORD_FILE  or  a prompt without echo
"""

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from ..acquirer.operators.tries import console_proof_needs, decide_console_proof
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import Operator
from ..acquirer.rows.state import State
from ..basics.chance import Chance
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..basics.secret import Secret
from ..host.acts import By, ByPerson, RuleCommand
from ..host.keys import HostKeys
from ..host.password_pool import PlainHasher
from ..host.people import Do, OfficeDoor, Refused
from ..programs.settings import Settings
from ..vault.pinblock import PasswordAccount
from .management_words import done_text, refusal_text

PASSWORD_BYTES_MAX = 4_096
"""Of a file that holds one."""
ASKED_FOR_A_CODE = "second_factor_asked"


def operator_number(text: str) -> OperatorNo:
    """An operator number as it is kept: two digits. Misuse when it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise Misuse("an operator number has two digits: 00 the supervisor, 99 the administrator, 01 to 98 cashiers")
    return OperatorNo(text.zfill(2))


def by_of(text: str) -> By:
    """Who is meant: a number is an operator's, anything else a login name, nothing the console itself."""
    if not text:
        return None
    return operator_number(text) if text[:1].isdigit() else ByPerson(text.lower())


async def prove(
    by: By,
    settings: Settings,
    merchant_no: MerchantNo,
    do: Do,
    keys: Callable[[], HostKeys],
    chance: Chance,
    *,
    takes_demo: bool,
) -> None:
    """Ask for the password of whoever acts, and check it. Misuse, in words, when it is not right."""
    if by is None:
        return
    password = _password(settings, by.login if isinstance(by, ByPerson) else by)
    if isinstance(by, ByPerson):
        door = OfficeDoor(do, keys, PlainHasher(chance), chance, takes_demo=takes_demo)
        answer = await door.prove(by.login, password, settings.by.code or None)
        if isinstance(answer, Refused) and answer.reason == ASKED_FOR_A_CODE and sys.stdin.isatty():
            answer = await door.prove(by.login, password, _asked_code(settings))
        reason = answer.reason if isinstance(answer, Refused) else ""
    else:
        reason = (await do(_of_operator(merchant_no, by, password, keys))).reason
    if reason:
        raise Misuse(refusal_text(reason, settings.lang))


def _of_operator(
    merchant_no: MerchantNo, operator_no: OperatorNo, password: Secret, keys: Callable[[], HostKeys]
) -> RuleCommand:
    account = PasswordAccount(merchant_no, operator_no)

    def rule(state: State, now: UnixMs) -> Decision:
        operator = state.get(Operator, merchant_no, operator_no)
        is_right = keys().said_password_right(operator, account, password)
        return decide_console_proof(state, merchant_no, operator_no, is_right, now)

    needs = console_proof_needs(merchant_no, operator_no)
    return RuleCommand("prove_operator", needs, lambda state, more: None, rule)


def _password(settings: Settings, who: str) -> Secret:
    if settings.by.password:
        return Secret(settings.by.password)
    if settings.by.password_file:
        return _read(Path(settings.by.password_file))
    if not sys.stdin.isatty():
        raise Misuse(
            f"give the password of {who} in ZHANGGUI_BY_PASSWORD, or in a file that ZHANGGUI_BY_PASSWORD_FILE names"
        )
    return Secret(getpass.getpass(done_text("ask_password", settings.lang, who=who)))


def _asked_code(settings: Settings) -> str:
    return input(done_text("ask_code", settings.lang)).strip()


def _read(path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            return Secret(file.read(PASSWORD_BYTES_MAX).decode("utf-8").rstrip("\r\n"))
    except OSError as error:
        raise Misuse(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Misuse(f"can't read {path}: it is no UTF-8 text") from None
