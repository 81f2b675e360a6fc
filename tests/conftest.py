"""Settings for all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# However busy the machine is: an example that takes long is none that fails.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples every time, so that whoever changes something meets only what they broke; `make explore` looks for
# new ones.
settings.register_profile("same", settings.get_profile("patient"), derandomize=True)
settings.register_profile("explore", settings.get_profile("patient"), print_blob=True)
settings.load_profile(os.environ.get("FORKFRAME_EXAMPLES", "same"))


@pytest.fixture(autouse=True, scope="session")
def no_traces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a studio keeps for its user goes to a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("FORKFRAME_CONFIG", str(tmp_path_factory.mktemp("config")))
        patch.setenv("PYTHON_KEYRING_BACKEND", "tests.keyring.FileKeyring")
        patch.setenv("FORKFRAME_TEST_KEYRING", str(tmp_path_factory.mktemp("keyring") / "keys.json"))
        yield


@pytest.fixture(autouse=True, scope="session")
def ctrl_c() -> Iterator[None]:
    """Whoever starts the tests in the background of a script has them hear no Ctrl-C: programs that they start do."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored:
        signal.signal(signal.SIGINT, lambda *_: None)
    yield
    if ignored:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
