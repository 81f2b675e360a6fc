"""The diffusers engine: open models on this machine's own graphics card. Everything is imported on first use."""

from forkframe.engines.diffusers.engine import DiffusersEngine

__all__ = ["DiffusersEngine"]
