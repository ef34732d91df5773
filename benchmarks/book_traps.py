"""Twelve files that are made to harm a reader of books, each built here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
PROSE = "O rio levava as folhas da tarde, e ninguém na vila sabia ao certo para onde iam. "


def page(body: str, head: str = "") -> str:
    """A page of an EPUB."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>p</title></head><body>{body}</body></html>"
    )


def epub(
    pages: dict[str, str], *, media_type: str = "application/xhtml+xml", more: dict[str, str | bytes] | None = None
) -> bytes:
    """An EPUB of pages by their address in the manifest; a `%20` there is a space in the archive's name."""
    items = "".join(f'<item id="p{n}" href="{href}" media-type="{media_type}"/>' for n, href in enumerate(pages))
    spine = "".join(f'<itemref idref="p{n}"/>' for n in range(len(pages)))
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>O rio da vila</dc:title>'
        "<dc:creator>Ana Inventada</dc:creator><dc:language>pt-BR</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    members: dict[str, str | bytes] = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package}
    members |= {f"OEBPS/{href.replace('%20', ' ')}": text for href, text in pages.items()}
    return archive(members | (more or {}))


def archive(members: dict[str, str | bytes]) -> bytes:
    """A zip of members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip")
        for name, content in members.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def pdf(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of objects, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(content: bytes, keys: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), keys, content)


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>"


def pdf_of(
    contents: list[bytes], *, extra: list[bytes] | None = None, catalogue: bytes = b"", resources: bytes = b""
) -> bytes:
    """A PDF with a page for each content stream."""
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids),
        FONT,
    ]
    for index, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> %s >> >>"
            % (5 + 2 * index, resources)
        )
        objects.append(stream(content))
    return pdf(objects + (extra or []))


def text_lines(lines: list[tuple[float, float, str]], size: float = 11) -> bytes:
    """A content stream that writes lines at their places."""
    out = []
    for left, bottom, text in lines:
        escaped = text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        out.append(b"BT /F1 %g Tf %g %g Td (%s) Tj ET" % (size, left, bottom, escaped))
    return b"\n".join(out)


def _bomb() -> bytes:
    return epub({"a.xhtml": page(f"<p>{PROSE}</p>" + " " * 300_000_000)})


def _lying_size() -> bytes:
    """A member whose directory says one byte and whose stream holds 300 MB."""
    data = bytearray(epub({"a.xhtml": page("x" * 300_000_000)}))
    for place in (data.find(b"PK\x01\x02"),):
        while place >= 0:
            length = struct.unpack_from("<H", data, place + 28)[0]
            if data[place + 46 : place + 46 + length] == b"OEBPS/a.xhtml":
                struct.pack_into("<I", data, place + 24, 1)
            place = data.find(b"PK\x01\x02", place + 46)
    return bytes(data)


def _traversal() -> bytes:
    return epub({"../../../../etc/passwd": page(f"<p>{PROSE}</p>")})


def _encrypted() -> bytes:
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">'
        '<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></EncryptedData></encryption>'
    )
    return epub({"a.xhtml": page(f"<p>{PROSE}</p>")}, more={"META-INF/encryption.xml": encryption})


def _percent_encoded() -> bytes:
    return epub(
        {
            "a.xhtml": page(f"<h1>Capítulo 1</h1><p>{PROSE}</p>"),
            "z%20um.xhtml": page(f"<h1>Capítulo 2</h1><p>{PROSE}</p>"),
        }
    )


def _entities() -> bytes:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE html [<!ENTITY e0 "ha">{lines}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    return epub({"a.xhtml": page(f"<p>{PROSE}&e9;&f;</p>", head)})


def _nested() -> bytes:
    inner = archive({"a": b"0" * 10_000_000})
    for _ in range(5):
        inner = archive({f"{n}.zip": inner for n in range(10)})
    return epub({"a.xhtml": page(f"<p>{PROSE}</p>")}, more={"OEBPS/inner.zip": inner})


def _media_type() -> bytes:
    return epub({"a.html": page(f"<h1>Capítulo 1</h1><p>{PROSE}</p>")}, media_type="text/html")


def _cut_pdf() -> bytes:
    whole = pdf_of([text_lines([(60, 500 - 14 * n, PROSE[:60]) for n in range(30)])] * 5)
    return whole[: len(whole) // 5]


def _owner_password() -> bytes:
    """Readable by all, but its owner forbids to copy: encrypted with an empty user's password (RC4, 40 bits)."""
    from hashlib import md5

    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    permissions, ident = -64, b"0123456789abcdef"
    owner = _rc4(md5(pad, usedforsecurity=False).digest()[:5], pad)
    key = md5(pad + owner + struct.pack("<i", permissions) + ident, usedforsecurity=False).digest()[:5]
    user = _rc4(key, pad)
    content = text_lines([(60, 500 - 14 * n, PROSE[:60]) for n in range(30)])
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
        FONT,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
        stream(_rc4(md5(key + struct.pack("<I", 5)[:3] + b"\0\0", usedforsecurity=False).digest()[:10], content)),
        b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P %d >>"
        % (owner.hex().encode(), user.hex().encode(), permissions),
    ]
    return pdf(objects, b"/Encrypt 6 0 R /ID [<%s> <%s>]" % (ident.hex().encode(), ident.hex().encode()))


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _outline_loop() -> bytes:
    content = text_lines([(60, 500 - 14 * n, PROSE[:60]) for n in range(30)])
    outlines = [
        b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
        b"<< /Title (a) /Parent 6 0 R /Next 7 0 R /First 7 0 R >>",
    ]
    return pdf_of([content], extra=outlines, catalogue=b"/Outlines 6 0 R")


def _huge_image() -> bytes:
    pixels = zlib.compress(zlib.compress(b"\0" * 1_000_000))
    image = stream(
        pixels,
        b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Filter [/FlateDecode /FlateDecode]",
    )
    return pdf_of([b"q 420 0 0 595 0 0 cm /I1 Do Q"], extra=[image], resources=b"/XObject << /I1 6 0 R >>")


def _unmapped_font() -> bytes:
    """Glyphs by number of a font that does not say which letters they are."""
    glyphs = b"".join(b"%04X" % (100 + 7 * n % 90) for n in range(40))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Xyz /Encoding /Identity-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
        stream(b"\n".join(b"BT /F1 11 Tf 60 %d Td <%s> Tj ET" % (500 - 14 * n, glyphs) for n in range(30))),
        (
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Xyz /FontDescriptor 7 0 R "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /Xyz /Flags 4 /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 "
            b"/StemV 80 /FontBBox [0 -200 1000 800] >>"
        ),
    ]
    return pdf(objects)


TRAPS: dict[str, tuple[str, Callable[[], bytes], bool]] = {
    "bomb": (".epub", _bomb, False),
    "bomb that lies about its size": (".epub", _lying_size, False),
    "path traversal": (".epub", _traversal, False),
    "encryption": (".epub", _encrypted, False),
    "owner's password": (".pdf", _owner_password, True),
    "cut file": (".pdf", _cut_pdf, False),
    "percent-encoded address": (".epub", _percent_encoded, True),
    "entities": (".epub", _entities, True),
    "zip in a zip": (".epub", _nested, True),
    "loop of outlines": (".pdf", _outline_loop, True),
    "huge image": (".pdf", _huge_image, False),
    "font without a map": (".pdf", _unmapped_font, False),
    "text/html as media type": (".epub", _media_type, True),
}
"""Name: suffix, builder, and whether there is a book in it after all."""
