"""What every test may ask for: the folder of real pages, where it is at hand. No test leaves its environment to the next."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pages and tools beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the folder of real pages, {SHARED}, which is not here")
    return SHARED


def pytest_xdist_auto_num_workers() -> int:
    """One more than the machine has cores: some tests only wait, for a server's time or a process that ends."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    """What is said in tests is English, in the processes that they start too, whatever the machine speaks."""
    os.environ["AURORA_LANG"] = "en"


@pytest.fixture(autouse=True)
def _environment_of_its_own() -> Iterator[None]:
    """Programs that run in the tests' process set variables for themselves, such as that the Hub is not asked.

    What a test starts hears Ctrl-C: tests that run side by side, or from a shell in the background, ignore it, and what they
    start would inherit that.
    """
    before = dict(os.environ)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    os.environ.clear()
    os.environ.update(before)
