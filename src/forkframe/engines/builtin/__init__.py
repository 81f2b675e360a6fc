"""The built-in engine: living edges, variations and looks on a CPU, without weights."""

from forkframe.engines.builtin.engine import BuiltinEngine

__all__ = ["BuiltinEngine"]
