"""A manager's menu as one area of the flow."""

from ..core import effects as fx
from ..core import events as e
from ..core import ways as w
from ..core.stage import Trouble
from ..screens.area import Area, entrance, row, shows
from . import draw_managing, managing
from . import stages as s

ROWS = (
    row(s.Menu, e.KeyPressed, managing.menu_key, s.AboutOperator, s.ManagerPassword, w.ToOldPassword, w.ToNumber),
    row(s.AboutOperator, e.KeyPressed, managing.about_key, s.ManagerPassword, s.Menu),
    row(s.ManagerPassword, e.KeyPressed, managing.pad_key, s.Menu),
    row(s.ManagerPassword, e.PinDots, managing.dots),
    row(s.ManagerPassword, e.PinDone, managing.password_done, s.Managing, s.FirstPassword, s.Menu),
    row(s.FirstPassword, e.KeyPressed, managing.pad_key, s.Menu),
    row(s.FirstPassword, e.PinDots, managing.dots),
    row(s.FirstPassword, e.PinDone, managing.first_done, s.Managing, s.Menu),
    row(s.Menu, e.Ticked, managing.idle_tick, w.ToNumber),
    row(s.AboutOperator, e.Ticked, managing.idle_tick, w.ToNumber),
    row(s.ManagerPassword, e.Ticked, managing.idle_tick, w.ToNumber),
    row(s.FirstPassword, e.Ticked, managing.idle_tick, w.ToNumber),
    row(s.Managing, e.SignedOn, managing.keys_came),
    row(s.Managing, e.HostFailed, managing.keys_failed, Trouble, request=fx.SendSignOn),
    row(s.Managing, e.Refused, managing.keys_refused, Trouble, request=fx.SendSignOn),
    row(s.Managing, e.Managed, managing.done, s.Menu),
    row(
        s.Managing,
        e.Refused,
        managing.refused,
        *(s.ManagerPassword, s.FirstPassword, Trouble),
        request=fx.SendManage,
    ),
    row(s.Managing, e.HostFailed, managing.failed, Trouble, request=fx.SendManage),
)

DRAWINGS = dict(
    (
        shows(s.Menu, draw_managing.menu_shown),
        shows(s.AboutOperator, draw_managing.about_operator),
        shows(s.ManagerPassword, draw_managing.manager_password),
        shows(s.FirstPassword, draw_managing.first_password),
        shows(s.Managing, draw_managing.managing),
    )
)

AREA = Area(DRAWINGS, ROWS, (entrance(w.ToMenu, lambda state, way: managing.to_menu(state, way.manager_no), s.Menu),))
