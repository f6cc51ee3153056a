"""Finds dead links in the docs: files and headings that are not there. Addresses of other sites are not asked."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)
SKIPPED = {".venv", "node_modules", "var", "vendor"}


def anchors(page: Path) -> set[str]:
    """Headings of a page as links name them: small letters, words joined by hyphens."""
    titles = HEADING.findall(page.read_text())
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def dead_links(page: Path) -> list[str]:
    """Links of one page that lead nowhere."""
    dead = []
    for target in LINK.findall(re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            dead.append(target)
    return dead


def main() -> int:
    pages = [page for page in ROOT.rglob("*.md") if not SKIPPED & set(page.relative_to(ROOT).parts)]
    found = [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in dead_links(page)]
    print("\n".join(found) if found else f"{len(pages)} pages, no dead links")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
