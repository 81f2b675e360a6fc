"""The command line: `forkframe`, or `python -m forkframe`."""

from __future__ import annotations


def main() -> None:
    """Runs the command that was typed. Exit code 0 done, 1 failed with one clear line, 2 wrong usage."""
    import forkframe.cli.jobs  # noqa: F401 - adds its command  # pyright: ignore[reportUnusedImport]
    from forkframe.cli.app import app

    app()
