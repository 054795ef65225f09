"""Syntax trees of sources, made once a process: a score of checks read the whole house, and to read it takes four seconds."""

import ast
from functools import lru_cache

SOURCES_KEPT = 4_096


@lru_cache(maxsize=SOURCES_KEPT)
def tree_of(source: str) -> ast.Module:
    """The tree of a source. Nobody changes it: others look at the same one."""
    return ast.parse(source)
