"""An item of a task: what a model chooses between, or the word whose bits are counted."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Item:
    """A context and its continuations; `gold` is the right one's place.

    Items of one `group` were made of one text and stand or fall together: the bootstrap draws groups. `labels` name what
    each continuation answers (`singular`, `feminine`, …). With a single continuation nothing is chosen: its bits count.
    """

    context: str
    choices: tuple[str, ...]
    gold: int
    group: str
    labels: tuple[str, ...] = ()
    kind: str = ""

    @property
    def text(self) -> str:
        """The context with the right continuation: what would stand in a training text that holds the item."""
        return self.context + self.choices[self.gold]

    @property
    def chance(self) -> float:
        """The accuracy of guessing, between 0 and 1."""
        return 1 / len(self.choices)


@dataclass(frozen=True, slots=True)
class Task:
    """Items under a name, and what is measured on them, in lm-evaluation-harness's words.

    Where a model chooses, that is `acc`; else `bits_per_word` of the only continuation, of which fewer are better, or
    whatever another program's task measures.
    """

    name: str
    items: tuple[Item, ...]
    metric: str = ""
    higher_is_better: bool = True

    @property
    def chooses(self) -> bool:
        """Whether there is something to choose in every item."""
        return bool(self.items) and all(len(item.choices) > 1 for item in self.items)

    def without(self, places: set[int]) -> Task:
        """The task without the items at these places."""
        kept = tuple(item for place, item in enumerate(self.items) if place not in places)
        return replace(self, items=kept)
