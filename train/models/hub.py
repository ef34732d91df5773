"""The Hugging Face Hub: whether it can be reached, found out once and quickly."""

from __future__ import annotations

import os
import sys
import threading
import urllib.error
import urllib.request
from functools import cache

from huggingface_hub import constants

HUB_PATIENCE = 5.0
"""Seconds that the Hub has for its first answer; without them every file would be tried several times, for minutes."""


@cache
def hub_answers() -> bool:
    """Whether the Hub answers; false at once where `HF_HUB_OFFLINE` is set.

    The question is put in a thread of its own: resolving a name can take longer than any patience given to a connection.
    """
    if constants.HF_HUB_OFFLINE:
        return False
    answered = threading.Event()

    def ask() -> None:
        try:
            request = urllib.request.Request(constants.ENDPOINT, method="HEAD")  # noqa: S310 (the Hub's own address)
            with urllib.request.urlopen(request, timeout=HUB_PATIENCE):  # noqa: S310
                answered.set()
        except urllib.error.HTTPError:
            # An error of the server's is an answer of the server's.
            answered.set()
        except (OSError, ValueError):
            return

    threading.Thread(target=ask, daemon=True).start()
    return answered.wait(HUB_PATIENCE)


def stay_offline() -> None:
    """Keeps this process from asking the Hub, whatever was loaded before: what the caches hold is all there is."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    for module, name in (("huggingface_hub.constants", "HF_HUB_OFFLINE"), ("datasets.config", "HF_HUB_OFFLINE")):
        if module in sys.modules:
            setattr(sys.modules[module], name, True)
    hub_answers.cache_clear()


def offline_unless_hub_answers() -> bool:
    """Asks the Hub once; where it does not answer, nothing later waits for it. Whether it answered."""
    reachable = hub_answers()
    if not reachable:
        stay_offline()
    return reachable
