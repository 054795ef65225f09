"""The three roles of an operator (操作员角色) and what they are called. Who may do what stands in the acquirer's capability table."""

from collections.abc import Mapping
from typing import Literal

from .words import Word, load_words

Role = Literal["cashier", "supervisor", "administrator"]
"""收银员 trades; 主管 approves and manages; 系统管理员 sets the terminal up. A person at a merchant has exactly one."""
ROLE_WORDS: Mapping[str, Word] = load_words(__package__, "roles.toml")
