"""The names under which a crawl counts in Scrapy's stats; `monitoring/outcome.py` reads them into one record.

Those that end with a slash are followed by a name: of a reason, a route, a rule, a host.
"""

# Articles.
KEPT = "aurora/kept"
EDITED = "aurora/edited"
UNCHANGED = "aurora/unchanged"
STORED = "aurora/"
"""Followed by one of kept, edited, unchanged: what the store says that it did."""
DROPPED = "aurora/dropped/"
FAILED = "aurora/failed/"
FOUND = "aurora/found/"
ITEMS = "aurora/items"
WITHOUT = "aurora/without/"
SCHEMA_ERRORS = "aurora/schema_errors"
REMOVED = "aurora/removed/"
MARKED = "aurora/marked/"
MASKED = "aurora/masked"
KEPT_IN_ALL = "aurora/kept_in_all"
ARCHIVED = "aurora/archived"

# Routes.
EXPECTED = "aurora/expected"
EXPECTED_BEFORE = "aurora/expected_before"
DONE_BEFORE = "aurora/done_before"
ANNOUNCED = "aurora/announced/"
IS_UPDATE = "aurora/is_update"
LIMIT = "aurora/limit"
ROUTE_FAILED = "aurora/route_failed/"
TOLD = "aurora/told/"
REQUESTS_SAVED = "aurora/requests_saved"

# Servers.
BLOCKS = "aurora/blocks"
REFUSED = "aurora/refused/"
LEFT_ALONE = "aurora/left_alone/"
CRAWL_DELAY = "aurora/crawl_delay/"
RETRY_AFTER = "aurora/retry_after"
WAITED_MS = "aurora/waited_ms"
TURN_MS = "aurora/turn_ms"
CHARSET_MENDED = "aurora/charset_mended"
TDMREP_UNREAD = "aurora/tdmrep_unread/"
CANONICAL_IGNORED = "aurora/canonical_ignored"

# The end.
HALTED = "aurora/halted"
HALTED_BECAUSE = "aurora/halted_because"
MONITORS_FAILED = "aurora/monitors_failed"

# Scrapy's own.
STOPPED = "shutdown"
"""Of FINISH_REASON: Ctrl-C or a signal ended the crawl."""
FINISH_REASON = "finish_reason"
REQUESTS = "downloader/request_count"
RESPONSES = "downloader/response_count"
RESPONSE_BYTES = "downloader/response_bytes"
SECONDS = "elapsed_time_seconds"
ROBOTS_FORBIDDEN = "robotstxt/forbidden"
