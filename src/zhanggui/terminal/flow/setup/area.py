"""The terminal's settings as one area of the flow."""

from ..core import events as e
from ..core import ways as w
from ..core.stage import Trouble
from ..screens.area import Area, entrance, row, shows
from . import draw_setup, setting
from . import stages as s

ROWS = (
    row(s.SettingUp, e.SetupSeen, setting.seen),
    row(s.SettingUp, e.KeyPressed, setting.key, s.TypingSetting, w.ToNumber),
    row(s.SettingUp, e.SignedOn, setting.signed_on),
    row(s.SettingUp, e.SlipPrinted, setting.printed),
    row(s.SettingUp, e.SlipNotPrinted, setting.not_printed),
    row(s.SettingUp, e.Ticked, setting.idle, w.ToNumber),
    row(s.TypingSetting, e.KeyPressed, setting.typing_key, s.SettingUp, s.KeepingSetting),
    row(s.TypingSetting, e.Ticked, setting.idle, w.ToNumber),
    row(s.KeepingSetting, e.SetupSeen, setting.kept, s.SettingUp),
    row(s.KeepingSetting, e.JournalFailed, setting.not_noted, s.SettingUp),
)

ENTRANCES = (
    entrance(w.ToSettings, setting.to_settings, s.SettingUp),
    entrance(w.LeaveSettings, setting.leave_settings, w.ToNumber, w.ToPassword, Trouble),
)

DRAWINGS = dict(
    (
        shows(s.SettingUp, draw_setup.setting_up),
        shows(s.TypingSetting, draw_setup.typing_setting),
        shows(s.KeepingSetting, draw_setup.keeping_setting),
    )
)

AREA = Area(DRAWINGS, ROWS, ENTRANCES)
