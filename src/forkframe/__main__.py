"""`python -m forkframe`."""

from forkframe.cli import main

main()
