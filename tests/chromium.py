"""Pages as a browser sees them, a real Chromium without a window."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium to load pages in: apt-get install chromium"
)

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever a page asks of the network fails
    "--enable-logging=stderr",
]
SCHEMES = {"light": (), "dark": ("--blink-settings=preferredColorScheme=0",)}
CONSOLE = re.compile(r"CONSOLE[:(]\d+\)?\] (.*)")


def load_page(page: Path, profile: Path, *flags: str) -> tuple[str, list[str]]:
    """The page's document as Chromium has it once it is loaded, and the console's messages."""
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", *flags, page.resolve().as_uri()]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout, CONSOLE.findall(result.stderr)


def take_screenshots(page: Path, profile: Path) -> None:
    """PNGs beside the page, at the width of a phone and of a desk, light and dark."""
    for width, height in ((375, 3000), (1280, 2400)):
        for scheme, flags in (
            ("light", ()),
            ("dark", ("--blink-settings=preferredColorScheme=0",)),
        ):
            target = page.with_name(f"{page.stem}-{width}-{scheme}.png")
            size = (f"--window-size={width},{height}", f"--screenshot={target}")
            load_page(page, profile, "--hide-scrollbars", *size, *flags)


if __name__ == "__main__":
    take_screenshots(Path(sys.argv[1]), Path(sys.argv[2]))
