"""`zhanggui terminals part`: a simulated part of a running terminal takes on a state, as if a hand had done it at the page."""

import asyncio
import sys

from ..basics.errors import Misuse
from ..programs.settings import Settings
from ..terminal.page.part_line import NobodyThere, NoSuchState, NoSuchTerminal
from ..terminal.page.part_line import switch_part as ask_to_switch
from ..web.serving import is_loopback
from .management_words import done_text
from .output import print_json


def switch_part(settings: Settings, number: str, item: str, state: str, *, as_json: bool) -> None:
    """Switch a part. Misuse names the parts and states that there are, or says why nobody could be asked."""
    lang, page = settings.lang, f"{settings.terminal.listen}:{settings.terminal.port}"
    if not is_loopback(settings.terminal.listen):
        raise Misuse(done_text("part_behind_door", lang, page=page))
    try:
        part = asyncio.run(ask_to_switch(page, number, item, state))
    except NoSuchState as error:
        key = "part_state_unknown" if error.of_part else "part_unknown"
        raise Misuse(done_text(key, lang, part=item, state=state, choices=", ".join(error.choices))) from None
    except NoSuchTerminal:
        raise Misuse(done_text("part_no_terminal", lang, number=number, page=page)) from None
    except NobodyThere:
        raise Misuse(done_text("part_nobody_there", lang, page=page)) from None
    if as_json:
        print_json({"terminal_no": number, "part": item, "state": state})
        return
    told = next(known for known in part.states if known.state == state)
    name, words = (part.zh, told.zh) if lang == "zh" else (part.en, told.en)
    sys.stdout.write(done_text("part_switched", lang, number=number, part=name, state=words) + "\n")
    if (item, state) == ("tamper", "ok"):
        sys.stdout.write(done_text("part_keys_stay_erased", lang, number=number) + "\n")
