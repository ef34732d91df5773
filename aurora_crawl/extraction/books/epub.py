"""EPUB by zipfile and lxml: the spine's pages in order, the navigation's titles, notes; bounded against hostile archives."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

from lxml import etree

from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.books.book_markup import to_blocks, types_of
from aurora_crawl.extraction.books.html_book import decode
from aurora_crawl.extraction.tree import parse, text_of
from aurora_crawl.messages import N_, Message
from aurora_crawl.text.books.document import Block, RawBook
from aurora_crawl.text.books.headings import NAMED

MAX_MEMBERS = 20_000
MAX_MEMBER = 20_000_000
"""Bytes of one unpacked page; the longest chapter of a real book has 2 MB. What a zip declares is not believed."""

MAX_TEXT = 60_000_000
"""Bytes of all unpacked pages; the Bible has 5 MB."""

MAX_SPINE = 5_000
_CHUNK = 1 << 16
_CONTAINER = "META-INF/container.xml"
_FONT_OBFUSCATION = frozenset(["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"])
_PAGE_TYPES = frozenset(["application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document", "text/xml"])
_YEAR = re.compile(r"\d{4}(?:-\d{2}){0,2}")


@dataclass(slots=True)
class _Item:
    path: str
    media_type: str
    properties: frozenset[str]


def read_epub(path: Path) -> RawBook:
    """The book of an EPUB file. Raises BookError, in one line, for what is none, is encrypted, or is a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _Epub(archive).read()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise BookError(N_("is damaged, or no EPUB: {why}"), why=error) from error
    except RuntimeError as error:
        raise BookError(N_("is encrypted with a password; save a copy without it")) from error


class _Epub:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.left = MAX_TEXT
        if len(archive.infolist()) > MAX_MEMBERS:
            raise BookError(N_("holds more than {max_members} files"), max_members=MAX_MEMBERS)
        self.names = {info.filename: info for info in archive.infolist()}
        self.folded = {name.lower(): name for name in self.names}

    def read(self) -> RawBook:
        self._refuse_encrypted()
        package_path = self._package_path()
        package = self._xml(package_path)
        folder = dirname(package_path)
        items = self._manifest(package, folder)
        remarks: list[str] = []
        spine = self._spine(package, items, remarks)
        book = RawBook([], remarks=remarks)
        _read_metadata(package, book)
        titles = self._titles(package, items)
        for item in spine:
            book.blocks += self._page(item, titles, remarks)
        if not any(block.kind != "heading" for block in book.blocks):
            why = remarks[0] if remarks else "its pages are pictures, or its spine is empty"
            raise BookError(N_("holds no text: {why}"), why=why)
        return book

    def _page(self, item: _Item, titles: dict[str, str], remarks: list[str]) -> list[Block]:
        try:
            root = parse(decode(self._member(item.path)))
        except BookError as error:
            if "unpacks" in str(error):
                raise
            remarks.append(f"{item.path}: {error}")
            return []
        if "nav" in item.properties or _is_contents(root):
            return []
        found = to_blocks(root)
        title = titles.get(item.path, "")
        begins_with_text = not any(block.kind == "heading" for block in found[:3]) and found[:1] != []
        if title and begins_with_text and found[0].kind != "note" and not _begins_with(found, title):
            found.insert(0, Block("heading", title, 2))
        return found

    def _refuse_encrypted(self) -> None:
        if "META-INF/encryption.xml" in self.names:
            for method in self._xml("META-INF/encryption.xml").iter("{*}EncryptionMethod"):
                if (method.get("Algorithm") or "") not in _FONT_OBFUSCATION:
                    raise BookError(N_("is encrypted (DRM); only the shop's own reader can open it"))
        if any(info.flag_bits & 1 for info in self.names.values()):
            raise BookError(N_("is encrypted with a password; save a copy without it"))

    def _package_path(self) -> str:
        if _CONTAINER in self.names:
            for root in self._xml(_CONTAINER).iter("{*}rootfile"):
                if found := self._inside("", root.get("full-path") or ""):
                    return found
        packages = [name for name in self.names if name.lower().endswith(".opf")]
        if not packages:
            raise BookError(N_("is no EPUB: it has no package document"))
        return packages[0]

    def _manifest(self, package: etree._Element, folder: str) -> dict[str, _Item]:
        items: dict[str, _Item] = {}
        for item in package.iter("{*}item"):
            path = self._inside(folder, item.get("href") or "")
            if path:
                properties = frozenset((item.get("properties") or "").split())
                items[item.get("id") or ""] = _Item(path, (item.get("media-type") or "").lower(), properties)
        return items

    def _spine(self, package: etree._Element, items: dict[str, _Item], remarks: list[str]) -> list[_Item]:
        spine: list[_Item] = []
        seen: set[str] = set()
        for reference in package.iter("{*}itemref"):
            item = items.get(reference.get("idref") or "")
            if item is None:
                remarks.append(
                    Message(
                        "the spine names {first}, which the archive does not hold inside itself",
                        first=repr((reference.get("idref") or "")[:80]),
                    )
                )
            elif item.path not in seen and (
                item.media_type in _PAGE_TYPES or item.path.lower().endswith(("html", "htm"))
            ):
                seen.add(item.path)
                spine.append(item)
            if len(spine) > MAX_SPINE:
                raise BookError(N_("has a spine of more than {max_spine} pages"), max_spine=MAX_SPINE)
        return spine or [item for item in items.values() if item.media_type in _PAGE_TYPES]

    def _titles(self, package: etree._Element, items: dict[str, _Item]) -> dict[str, str]:
        """What the navigation calls each page: its first entry for it."""
        titles: dict[str, str] = {}
        for item in items.values():
            folder = dirname(item.path)
            try:
                if "nav" in item.properties:
                    links = [
                        (link.get("href"), text_of(link)) for link in parse(decode(self._member(item.path))).iter("a")
                    ]
                elif item.media_type == "application/x-dtbncx+xml":
                    links = [_ncx_entry(point) for point in self._xml(item.path).iter("{*}navPoint")]
                else:
                    continue
            except BookError:
                continue
            for href, title in links:
                target = self._inside(folder, href or "")
                if target and title:
                    titles.setdefault(target, title)
        return titles

    def _inside(self, folder: str, href: str) -> str | None:
        """The archive's member that an address names; None where there is none, or where it leads out of the archive."""
        try:
            parts = urlsplit(href)
        except ValueError:
            return None
        if parts.scheme or parts.netloc or not parts.path:
            return None
        for path in (parts.path, unquote(parts.path)):
            member = normpath(join(folder, path))
            if member.startswith(("../", "/")):
                continue
            if member in self.names:
                return member
            if member.lower() in self.folded:
                return self.folded[member.lower()]
        return None

    def _member(self, name: str) -> bytes:
        """A member's bytes, unpacked up to a bound: the size that a zip declares may be a lie."""
        pieces: list[bytes] = []
        size = 0
        try:
            with self.archive.open(name) as member:
                while piece := member.read(_CHUNK):
                    size += len(piece)
                    self.left -= len(piece)
                    if size > MAX_MEMBER or self.left < 0:
                        raise BookError(
                            N_("unpacks to more than {number} MB at {first}: a bomb"),
                            number=MAX_MEMBER // 1_000_000,
                            first=repr(name[:80]),
                        )
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
            raise BookError(N_("is damaged ({why})"), why=error) from error
        return b"".join(pieces)

    def _xml(self, name: str) -> etree._Element:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
        )
        try:
            root = etree.fromstring(self._member(name), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise BookError(N_("is damaged: {name} is no XML"), name=name) from error
        if root is None:
            raise BookError(N_("is damaged: {name} is empty"), name=name)
        return root


def _ncx_entry(point: etree._Element) -> tuple[str | None, str]:
    label, content = point.find("{*}navLabel"), point.find("{*}content")
    return (content.get("src") if content is not None else None), text_of(label) if label is not None else ""


def _is_contents(root: etree._Element) -> bool:
    """Whether a page is only a table of contents: nearly all of its text stands in links, and there are many."""
    body = root.find(".//body")
    if body is None:
        return False
    if any(types_of(part) & {"toc", "doc-toc"} for part in body.iter("nav", "section", "div")):
        return True
    links = [text_of(link) for link in body.iter("a") if link.get("href")]
    return len(links) > 3 and sum(map(len, links)) > 0.8 * len(text_of(body))


def _begins_with(blocks: list[Block], title: str) -> bool:
    """Whether a page's first lines say its title already, or the navigation only names the file's part."""
    start = " ".join(block.text for block in blocks[:3])[: 2 * len(title) + 40].lower()
    bare = "".join(filter(str.isalnum, title.lower()))
    return bare in "".join(filter(str.isalnum, start)) or (not NAMED.match(title) and bare.isdigit())


def _read_metadata(package: etree._Element, book: RawBook) -> None:
    def values(name: str) -> list[str]:
        return [found for one in package.iter(f"{{*}}{name}") if (found := text_of(one))]

    book.title = next(iter(values("title")), "")
    book.authors = list(dict.fromkeys(values("creator")))
    book.language = next((value.split("-")[0].lower() for value in values("language")), None)
    date = _YEAR.match(next(iter(values("date")), ""))
    book.published = date[0] if date else None
