"""The two READMEs say the same commands, and the commands exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def commands(name: str) -> list[str]:
    """The lines of a README's shell blocks, without their comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line).rstrip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_both_languages_have_the_same_commands() -> None:
    assert commands("README.md") == commands("README.pt-BR.md")
    assert len(commands("README.md")) > 5


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in commands("README.md"):
        if match := re.match(r"make (\S+)", command):
            assert re.search(rf"^{match[1]}:", makefile, re.MULTILINE), command


def test_every_file_that_the_documents_link_to_exists() -> None:
    for path in [ROOT / "README.md", ROOT / "README.pt-BR.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
