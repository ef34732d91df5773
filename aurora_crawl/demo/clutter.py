"""What real newspapers put around and into their articles, planted into the invented one: the same at every run.

The sentences are constants, so that a test, the spider's own rules, and the demo's account can name them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from random import Random

from lxml import html

from aurora_crawl.demo.newspaper import Story
from aurora_crawl.text.boilerplate.block_file import Block, escaped

DONATION = (
    "O Farol do Vale não tem anúncios nem dono rico: quem paga a luz desta redação é quem lê. "
    "Se puder, contribua com qualquer valor."
)
DONATION_LINK = "Apoie o Farol"
NEWSLETTER = "Assine o boletim do Farol e receba no domingo o melhor da semana, sem propaganda."
SHARE = "Gostou da reportagem? Compartilhe: WhatsApp | Telegram | Facebook | E-mail"
LICENSE_LINE = (
    "Este texto pode ser republicado de graça, na íntegra, sob a licença Creative Commons CC BY-SA 4.0, "
    "desde que sejam citados o autor e O Farol do Vale."
)
ARROW = "➡️"
TEASERS = 3
"""How many articles a list of teasers names."""

PHOTO_CREDITS = ("Foto: Ravi Nogueira/O Farol do Vale", "Foto: Iara Bittencourt", "Imagem: Acervo do Farol")

TEASER_SHARE = 0.6
NEWSLETTER_SHARE = 0.4
CREDIT_SHARE = 0.35
DONATION_SHARE = 0.7
MOJIBAKE_EVERY = 18
"""One story in so many was saved by an editor that took UTF-8 for Windows-1252: four of 66."""


def plant(stories: Sequence[Story], seed: int = 7) -> list[Story]:
    """The stories as the newspaper's WordPress holds them: teasers, pleas, credits, licence lines, and some mojibake.

    Every planted thing is a block of its own between the story's blocks; no word of the story is changed, but for the
    stories with mojibake, every letter of which can be recovered.
    """
    planted = []
    for number, story in enumerate(stories):
        random = Random(f"{seed} {story.slug}")
        others = [other for other in stories if other.slug != story.slug and other.language == story.language]
        body = _with_clutter(story, others, random)
        served = replace(story, body=body)
        planted.append(garbled(served) if number % MOJIBAKE_EVERY == MOJIBAKE_EVERY // 2 else served)
    return planted


def garbled(story: Story) -> Story:
    """The story with title and body as UTF-8 reads when taken for Windows-1252: `não` becomes `nÃ£o`."""
    return replace(story, title=mojibake(story.title), body=mojibake(story.body))


def mojibake(text: str) -> str:
    """The text's UTF-8 bytes read as Windows-1252; the five bytes that it leaves open stay control characters."""
    return "".join(_windows_1252(byte) for byte in text.encode())


def site_blocks(served: Sequence[Story]) -> list[Block]:
    """What the newspaper repeats, as its file of repeated blocks holds it, with the number of stories that have each.

    What newspapers write in the same words everywhere ("Leia também: …", photo credits, licences) is not here: general
    rules cut that.
    """
    titles = "{break}".join(["{any}"] * TEASERS)
    templates = (
        (escaped(f"{DONATION} {DONATION_LINK}"), DONATION),
        (escaped(SHARE), SHARE),
        (f"{ARROW} Leia também: {{any}}", ARROW),
        (f"LEIA TAMBÉM{{break}}{titles}", "LEIA TAMBÉM"),
    )
    return [
        Block("whole", template, sum(sign in story.body for story in served), len(served))
        for template, sign in templates
    ]


def _windows_1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def _with_clutter(story: Story, others: Sequence[Story], random: Random) -> str:
    blocks = split_blocks(story.body)
    if random.random() < CREDIT_SHARE:
        blocks.insert(random.randint(0, 1), f"<p><em>{random.choice(PHOTO_CREDITS)}</em></p>")
    if others and random.random() < TEASER_SHARE:
        # Never at the very top or bottom only: cutting "everything after" must cost a reader of the result something.
        middle = random.randint(2, max(2, len(blocks) - 1))
        blocks.insert(middle, _teaser(random.sample(others, min(TEASERS, len(others))), random))
    if random.random() < NEWSLETTER_SHARE:
        blocks.insert(random.randint(len(blocks) // 2, len(blocks)), f"<p><strong>{NEWSLETTER}</strong></p>")
    if random.random() < DONATION_SHARE:
        blocks.append(f'<p class="has-background apoio">{DONATION} <a href="/apoie/">{DONATION_LINK}</a></p>')
    blocks.append(f"<p>{SHARE}</p>")
    blocks.append(f"<p><em>{LICENSE_LINE}</em></p>")
    return "\n".join(blocks)


def _teaser(others: Sequence[Story], random: Random) -> str:
    links = [f'<a href="{other.path}">{escape(other.title, quote=False)}</a>' for other in others]
    forms = (
        f"<p><strong>Leia também: {links[0]}</strong></p>",
        f"<p>Leia também: {links[0]}</p>",
        f"<p><em>Leia mais: {links[0]}</em></p>",
        f"<p><strong>LEIA TAMBÉM</strong><br/>{'<br/>'.join(links)}</p>",
        f"<p>{ARROW} Leia também: {links[0]}</p>",
    )
    return random.choice(forms)


def split_blocks(body: str) -> list[str]:
    """The top-level blocks of an article's HTML; a bare line of text, such as a shortcode, is one too."""
    pieces = (
        piece.strip() if isinstance(piece, str) else html.tostring(piece, encoding="unicode", with_tail=False)
        for root in html.fragments_fromstring(body)
        for piece in ((root,) if isinstance(root, str) else (root, root.tail or ""))
    )
    return [piece for piece in pieces if piece]
