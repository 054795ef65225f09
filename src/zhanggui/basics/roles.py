"""The three roles of an operator (操作员角色). Who may do what stands in the acquirer's capability table, never here."""

from typing import Literal

Role = Literal["cashier", "supervisor", "administrator"]
"""收银员 trades; 主管 approves and manages; 系统管理员 sets the terminal up. A person at a merchant has exactly one."""
