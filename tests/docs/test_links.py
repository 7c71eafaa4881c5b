"""Every link between pages leads somewhere, and every page can be reached."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [address for address in LINK.findall(text) if not re.match(r"[a-z]+:", address)]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file_and_a_heading_that_exist(page):
    for address in links(page):
        name, _, anchor = address.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {address}, which is not there"
        assert target.is_relative_to(ROOT), f"{page.name} links out of the project: {address}"
        if anchor:
            assert anchor in anchors(target), f"{page.name} links to {address}, which has no such heading"


def test_every_page_is_linked_from_the_readme_or_from_the_index():
    linked = {
        (index.parent / address.partition("#")[0]).resolve()
        for index in (ROOT / "README.md", *sorted(DOCS.rglob("README.md")))
        for address in links(index)
    }
    lost = [str(page.relative_to(ROOT)) for page in PAGES if page.resolve() not in linked and page.name != "README.md"]
    assert not lost, f"no index links to {', '.join(lost)}"


def test_the_picture_of_the_readme_is_a_small_png():
    data = (DOCS / "pictures" / "report.png").read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(data) < 300_000
    assert width >= 800
    assert height >= 500


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_folder_of_somebodys_machine(page):
    assert not re.search(r"(?<![\w.])/(work|home|root|tmp|Users)/", page.read_text("utf-8"))
