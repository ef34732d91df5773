"""Where the work is done: processes of this machine, or a Dask cluster; the same functions, the same results."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process
from signal import SIG_IGN, SIGINT, signal
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from aurora_crawl.errors import AuroraError
from aurora_crawl.messages import N_

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as ClusterFuture

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_SECONDS = 10
WORKER_DEATHS = 3
"""So many workers may die on one task before it counts as the task's fault."""


class ExecutorError(AuroraError):
    """The work could not be done where it was to be; the message says what to do."""


@contextmanager
def executor(jobs: int, scheduler: str | None = None) -> Iterator[Executor]:
    """Processes, or the workers of the Dask scheduler at an address such as `tcp://127.0.0.1:8786`.

    Workers of a cluster must see the same folders. Raises ExecutorError for a scheduler that does not answer.
    """
    if not scheduler:
        # Not forked: the reactor's process has threads, and a fork of it may hang.
        pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_prepare)
        try:
            yield pool
        finally:
            # What is being done is finished and found by the next build; what waits is not begun.
            pool.shutdown(cancel_futures=True)
        return
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.core import CommClosedError
    except ImportError as error:
        raise ExecutorError(N_("--scheduler needs Dask: pip install 'aurora-br[cluster]'")) from error
    # Whatever fails is raised, and said in one line.
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ExecutorError(N_("--scheduler {address}: no Dask scheduler answers there"), address=scheduler) from error
    try:
        yield _ClusterExecutor(client)
    except (KilledWorker, CommClosedError, CancelledError) as error:
        died = N_("--scheduler {address}: workers or scheduler died; the same command goes on")
        raise ExecutorError(died, address=scheduler) from error
    finally:
        client.close()  # type: ignore[no-untyped-call]


class _ClusterExecutor(Executor):
    """A Dask cluster's workers. Dask's own executor takes a result for an error when its worker dies while it is fetched."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def submit(self, work: Callable[..., Result], /, *values: object, **named: object) -> Future[Result]:
        """See `Executor.submit`. What a worker that dies was at is done by another one, up to WORKER_DEATHS times."""
        ours: Future[Result] = Future()
        theirs = self._client.submit(work, *values, pure=False, retries=WORKER_DEATHS, **named)
        theirs.add_done_callback(partial(_hand_over, ours))  # type: ignore[no-untyped-call]
        return ours


def _hand_over(ours: Future[Result], theirs: ClusterFuture[Result]) -> None:
    """What came of a cluster's task, waited for in a thread of the client's."""
    try:
        result = theirs.result()
    except CancelledError:
        ours.cancel()
        ours.set_running_or_notify_cancel()
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
        ours.set_exception(error)
    else:
        ours.set_result(result)


def _prepare() -> None:
    # Ctrl-C reaches all processes of a terminal; the first one says what becomes of the others.
    signal(SIGINT, SIG_IGN)
    end_with_parent()


def end_with_parent() -> None:
    """Called in a worker process: it ends when the command does, also by `kill -9`. It would wait for work for ever."""
    Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def each(pool: Executor, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
    """The results of all tasks, as they come. Raises ExecutorError where workers die; what is done stays done."""
    try:
        waiting = {pool.submit(work, task): task for task in tasks}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    except BrokenExecutor as error:
        raise ExecutorError(
            N_("a worker process died (memory?); the same command goes on, perhaps with fewer --jobs")
        ) from error
