"""Makes the pictures of the studio, in the real browser on the demo: `python -m docs.make_screens [NAME ...]`."""

from __future__ import annotations

import shutil
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.conftest import FLAGS
from tests.e2e.screens import SCREENS, opened_demo

OUT = Path(__file__).parent / "pictures"


def main() -> None:
    """Writes `studio-NAME.webp` for each key state, or only for those that are named."""
    wanted = sys.argv[1:] or list(SCREENS)
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        with opened_demo(browser) as fresh:
            for name in wanted:
                demo = fresh()
                SCREENS[name](demo)
                path = OUT / f"studio-{name}.webp"
                with Image.open(BytesIO(demo.tab.page.screenshot())) as image:
                    image.convert("RGB").save(path, quality=84, method=6)
                demo.tab.close()
                print(f"{path}  {path.stat().st_size >> 10} KB", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
