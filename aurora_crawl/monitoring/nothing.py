"""Why a crawl found nothing, in words."""

from __future__ import annotations

from typing import Any


def why_nothing(stats: dict[str, Any]) -> str | None:
    """The likeliest reason why a crawl's statistics show no article; null where they show some, or nothing was to be had."""
    if any(stats.get(f"aurora/{fate}") for fate in ("kept", "edited", "unchanged")) or stats.get("aurora/found/known"):
        return None
    left_alone = [value for key, value in stats.items() if key.startswith("aurora/left_alone/")]
    if left_alone:
        return str(left_alone[0])
    if stats.get("aurora/halted_because"):
        return str(stats["aurora/halted_because"])
    if stats.get("aurora/blocks"):
        return f"the server showed bot walls ({stats['aurora/blocks']}) in the place of pages"
    if stats.get("robotstxt/forbidden"):
        return f"robots.txt forbids what was asked for ({stats['robotstxt/forbidden']} requests)"
    for fate, words in (
        ("dropped", "everything that was found was dropped"),
        ("failed", "everything that was found failed"),
    ):
        reasons = {key.rpartition("/")[2]: value for key, value in stats.items() if key.startswith(f"aurora/{fate}/")}
        if reasons:
            return f"{words}, most of it for: {max(reasons, key=lambda reason: reasons[reason])}"
    if any(key.startswith("aurora/route_failed/") for key in stats):
        return "none of the routes could be read; the lines above say why for each"
    if not stats.get("downloader/response_count"):
        return "no server answered"
    return "the routes could be read, and name no article in the part of the site and the days that were asked for"
