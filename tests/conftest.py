"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples every time, so that whoever changes something meets only what they broke; `make explore` looks for
# new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("explore", print_blob=True)
settings.load_profile(os.environ.get("FORKFRAME_EXAMPLES", "same"))
