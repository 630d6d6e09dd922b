"""The browser that tests and pictures use: whichever Chromium this machine has."""

import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NO_CHROMIUM = "no Chromium: neither /usr/bin/chromium nor chromium, chromium-browser or google-chrome on PATH"


def launch(playwright: Playwright) -> Browser:
    """Raises FileNotFoundError, saying where it looked, if this machine has none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError(NO_CHROMIUM)
    return playwright.chromium.launch(executable_path=found, args=FLAGS)
