"""A run's losses as a picture: an SVG that is read in a browser, in the model card, and anywhere without a library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

CURVE_FILE = "loss.svg"
"""The picture's name in an adapter's folder."""
WIDTH, HEIGHT, MARGIN = 720, 320, 48
MOST_POINTS = 600
"""Of a line: more than a picture of this width can show."""
_TICKS = 4
_COLOURS = {"loss": "#2563eb", "eval_loss": "#c2410c"}
_NAMES = {"loss": "treino / training", "eval_loss": "textos não vistos / held out"}


@dataclass(frozen=True, slots=True)
class Line:
    """Losses (nats a token) of one kind, each with its step."""

    kind: str
    points: tuple[tuple[int, float], ...]


def lines_of(history: Sequence[Mapping[str, object]]) -> list[Line]:
    """The losses in a Trainer's log, those that are numbers; a step that was made twice, after a resume, as it was made last."""
    lines = []
    for kind in _COLOURS:
        found: dict[int, float] = {}
        for entry in history:
            match entry:
                case {"step": int(step)} if isinstance(value := entry.get(kind), int | float) and math.isfinite(value):
                    found[step] = float(value)
        if found:
            lines.append(Line(kind, _thinned(sorted(found.items()))))
    return lines


def loss_curve(lines: Sequence[Line], title: str) -> str:
    """The lines over the steps, as SVG."""
    every = [point for line in lines for point in line.points]
    first, last = min((step for step, _ in every), default=0), max((step for step, _ in every), default=1)
    low, high = min((loss for _, loss in every), default=0.0), max((loss for _, loss in every), default=1.0)
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5

    def place(step: float, loss: float) -> str:
        x = MARGIN + (step - first) / max(last - first, 1) * (WIDTH - 2 * MARGIN)
        y = MARGIN + (high - loss) / (high - low) * (HEIGHT - 2 * MARGIN)
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for number in range(_TICKS + 1):
        loss = low + (high - low) * number / _TICKS
        left, y = place(first, loss).split(",")
        right = place(last, loss).split(",")[0]
        parts.append(f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{MARGIN - 6}" y="{y}" text-anchor="end" dominant-baseline="middle">{loss:.2f}</text>')
        step = first + (last - first) * number / _TICKS
        x = place(step, low).split(",")[0]
        parts.append(f'<text x="{x}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle">{step:.0f}</text>')
    for number, line in enumerate(lines):
        colour, points = _COLOURS[line.kind], " ".join(place(*point) for point in line.points)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>')
        parts.append(
            f'<text x="{MARGIN + 8 + number * 220}" y="{MARGIN - 16}" fill="{colour}">{_NAMES[line.kind]}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _thinned(points: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """As many points as a picture shows, the last one among them: each is the mean of those that it stands for."""
    each = math.ceil(len(points) / MOST_POINTS)
    groups = [points[start : start + each] for start in range(0, len(points), each)]
    return tuple((group[-1][0], sum(loss for _, loss in group) / len(group)) for group in groups)
