"""The README's picture: the report of the demo as a browser shows it, cropped and made small.

    micromask demo --overwrite
    python scripts/picture.py          # runs/demo/report.html → docs/pictures/report.png

Needs Debian's chromium. The face in it is that of scikit-image's public-domain portrait; a report of anyone else is
refused.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
CHROMIUM = "/usr/bin/chromium"
WIDTH, GAP, COLOURS, MOST_BYTES = 1180, 24, 256, 300_000


def shot(report: Path) -> Image.Image:
    """The page from its top to the end of the timeline, and below it the first card."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000})
        page.goto(report.resolve().as_uri())
        page.wait_for_selector(".main-svg")
        page.wait_for_timeout(500)
        data = page.screenshot(full_page=True)
        parts = []
        for place in ("section:has(> #timeline)", "article#expression-1"):
            box = page.locator(place).bounding_box()
            assert box is not None
            parts.append((round(box["y"]), round(box["y"] + box["height"])))
        browser.close()
    whole = Image.open(io.BytesIO(data)).convert("RGB")
    (_, end), (top, bottom) = parts
    picture = Image.new("RGB", (WIDTH, end + GAP + bottom - top + GAP), whole.getpixel((2, 2)))
    picture.paste(whole.crop((0, 0, WIDTH, end)), (0, 0))
    picture.paste(whole.crop((0, top, WIDTH, bottom)), (0, end + GAP))
    return picture


def main() -> None:
    """Take the picture and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, default=ROOT / "runs" / "demo", help="the demo's folder")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures" / "report.png")
    asked = parser.parse_args()
    if not (asked.run / "truth.json").is_file():
        raise SystemExit(f"{asked.run} is no demo: run 'micromask demo --overwrite' first")
    if json.loads((asked.run / "truth.json").read_text(encoding="utf-8"))["recording"] != "synthetic":
        raise SystemExit(f"{asked.run} is no synthetic film; the picture shows nobody else's face")
    small = shot(asked.run / "report.html").quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    small.save(asked.out, optimize=True)
    length = asked.out.stat().st_size
    if length > MOST_BYTES:
        raise SystemExit(f"{asked.out} has {length} bytes, more than {MOST_BYTES}")
    print(f"{asked.out}: {small.width}x{small.height}, {length} bytes")


if __name__ == "__main__":
    main()
