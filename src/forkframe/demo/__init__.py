"""The main job on real photographs, end to end: what `forkframe demo` and `make demo` run."""

from forkframe.demo.story import run_demo

__all__ = ["run_demo"]
