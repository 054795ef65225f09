"""Every state of every simulated part can be chosen on the page, and the page may say each of them."""

from pathlib import Path

import msgspec
import pytest
from tests.worlds.running_terminal import Desk
from tests.worlds.scripted_host import ScriptedHost

from zhanggui.terminal.devices.switches import STATES
from zhanggui.terminal.models.profiles import ModelName
from zhanggui.terminal.page.messages import DeviceMessage, read_page_message, write_cards


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
async def test_each_part_of_a_model_shows_all_its_states_in_words_and_takes_each_on(
    tmp_path: Path, model: ModelName
) -> None:
    host = ScriptedHost()
    await host.start()
    desk = Desk(tmp_path, host, model)
    await desk.power_on()
    faces = desk.terminal.parts()
    missing = {"esign": {"printer"}, "keypad": {"scanner"}}.get(model, set())
    assert {face.item for face in faces} == set(STATES) - missing
    for face in faces:
        assert [one.state for one in face.states] == list(STATES[face.item])
        assert all(one.zh and one.en for one in face.states)
        for one in face.states:
            message = read_page_message(f'{{"type":"device","item":"{face.item}","state":"{one.state}"}}')
            assert message == DeviceMessage(face.item, one.state)  # type: ignore[arg-type]  # a word of STATES
            if face.item != "tamper":
                desk.terminal.set_device(face.item, one.state)
    assert msgspec.json.decode(write_cards((), tuple(faces)))["parts"][0]["item"] == faces[0].item
    await desk.terminal.stop()
    await host.stop()
