"""A browser window as somebody sits before it: goes to pages, reads, clicks, types, and waits for what must come.

Everything waits: nothing is asked for before it is there, and nothing sleeps for a guessed time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.site import PASSWORD

T = TypeVar("T")

#: What does not come within this does not come; a busy machine takes seconds for a page.
SECONDS = 60
#: Tenths of a second in which a list opens.
OPENING = 30
#: The screen of the journeys; the window has 139 pixels around the page.
WIDTH, HEIGHT = 1366, 768
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage",
    "--no-first-run", "--lang=zh-CN",
)  # fmt: skip

#: The page is connected, and there is no bar, circle or pale table that waits for an answer.
_SETTLED = """
return document.readyState === 'complete' && window.socket?.connected === true && document.querySelector('.sj-main')
  && !document.querySelector('.q-linear-progress__model--indeterminate, .q-spinner, .sj-busy')
"""

#: A page of the console listens once it has shaken hands; a click before that is lost. Other pages have no such thing.
_LISTENS = """
return document.readyState === 'complete' && (!document.getElementById('app') || window.did_handshake === true)
"""
#: What a screen reader would call the element that has the focus.
_FOCUSED = """
const one = document.activeElement;
return [one.innerText, one.getAttribute('aria-label'), ...[...one.labels || []].map(label => label.innerText)].join(' ')
"""
#: More than any page has places to stop at.
TABS = 150


class Place(Protocol):
    """What is looked at: a site, or a demonstration."""

    @property
    def url(self) -> str:
        """Its address."""
        ...


class Window:
    """One browser with a fresh profile. ``files``: where downloads and screenshots go."""

    def __init__(self, site: Place, chromium: str, driver: str, files: Path, pictures: Path) -> None:
        options = Options()
        options.binary_location = chromium
        for flag in (*_FLAGS, f"--user-data-dir={files / 'profile'}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"download.default_directory": str(files)})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.site = site
        self.files = files
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.driver.set_window_size(WIDTH, HEIGHT + 139)
        self._pictures = pictures

    def close(self) -> None:
        """End the browser."""
        self.driver.quit()

    # going

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.driver.get(f"{self.site.url}{path}")

    def login(self, name: str, password: str = PASSWORD, then: str = "") -> None:
        """Log in as a person would, and go on to ``then``."""
        self.go("/login")
        self.type("name", name)
        self.type("password", password)
        self.driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
        self.until(lambda: "/login" not in self.driver.current_url, f"{name} is not logged in")
        if then:
            self.go(then)

    @property
    def path(self) -> str:
        """Where the window is, without the host."""
        return self.driver.current_url.removeprefix(self.site.url)

    # reading

    @property
    def text(self) -> str:
        """What is to be read on the page."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def listens(self) -> bool:
        """Whether what is done on the page now is heard."""
        return bool(self.driver.execute_script(_LISTENS))

    def see(self, *texts: str) -> None:
        """Wait until all of these are on the page."""
        self.until(lambda: all(text in self.text for text in texts), f"not on the page: {texts}")

    def gone(self, text: str) -> None:
        """Wait until this is no longer on the page."""
        self.until(lambda: text not in self.text, f"still on the page: {text}")

    def find(self, css: str, text: str = "") -> WebElement:
        """The first visible element of this selector (with this text in it), when it is there."""

        def found() -> WebElement | None:
            if not self.listens:
                return None
            for one in self.driver.find_elements(By.CSS_SELECTOR, css):
                if one.is_displayed() and text in one.text:
                    return one
            return None

        return self.until(found, f"no {css} with {text!r}")

    def errors(self) -> list[str]:
        """What the browser complained about since it was asked last: nothing, on a sound page."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    # doing

    def click(self, text: str, css: str = "button, a, .q-item, .q-tab, [role=button]") -> None:
        """Click what says this."""

        def clicked() -> bool:
            self.find(css, text).click()
            return True

        self.until(clicked, f"cannot click {text!r}")

    def open(self, text: str, css: str) -> None:
        """Click what says this until its dialog is there: a click is lost when the page is shown anew just then."""

        def opened() -> bool:
            self.find(css, text).click()
            for _ in range(OPENING):
                if any(one.is_displayed() for one in self.driver.find_elements(By.CSS_SELECTOR, ".sj-dialog")):
                    return True
                time.sleep(0.1)
            return False

        self.until(opened, f"{text!r} opens no dialog")

    def type(self, name: str, text: str) -> None:
        """Type into the field of this name or label, in place of what is in it."""

        def typed() -> bool:
            field = self.field(name)
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(text)
            return True

        self.until(typed, f"cannot type into {name}")

    def field(self, name: str) -> WebElement:
        """The input of this name, or whose label says so."""
        css = f'input[name="{name}"], textarea[name="{name}"], [aria-label="{name}"]'

        def found() -> WebElement | None:
            if not self.listens:
                return None
            named = self.driver.find_elements(By.CSS_SELECTOR, css)
            labelled = self.driver.find_elements(
                By.XPATH, f'//label[contains(., "{name}")]//*[self::input or self::textarea]'
            )
            return next((one for one in (*named, *labelled) if one.is_displayed()), None)

        return self.until(found, f"no field {name}")

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select field, until it shows it: its list closes when the page changes meanwhile."""

        def offered() -> WebElement | None:
            items = self.driver.find_elements(By.CSS_SELECTOR, ".q-menu .q-item")
            return next((one for one in items if one.is_displayed() and option in one.text), None)

        def chosen() -> bool:
            field = self.find("label.q-field", label)
            entered = [one.get_attribute("value") or "" for one in field.find_elements(By.TAG_NAME, "input")]
            if option in field.text or option in entered:
                return True
            field.click()
            for _ in range(OPENING):
                if found := offered():
                    found.click()
                    break
                time.sleep(0.1)
            return False

        self.until(chosen, f"cannot choose {option!r}")

    def press(self, *keys: str) -> None:
        """Type where the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, name: str, css: str = "*") -> None:
        """Go on with the Tab key until what has this name has the focus."""
        self.until(lambda: self.listens, "the page does not listen")
        for _ in range(TABS):
            self.press(Keys.TAB)
            here = self.driver.find_elements(By.CSS_SELECTOR, f"{css}:focus")
            if here and name in self.driver.execute_script(_FOCUSED):
                return
        raise AssertionError(f"the Tab key does not lead to {name!r} · {self.path}")

    def give(self, path: Path) -> None:
        """Give a file to the page's upload."""

        def found() -> WebElement | None:
            places = self.driver.find_elements(By.CSS_SELECTOR, "input[type=file]")
            return places[-1] if places and self.listens else None

        self.until(found, "no upload").send_keys(str(path))

    def downloaded(self, ending: str) -> Path:
        """The file that came, when it is complete."""

        def come() -> Path | None:
            return next((path for path in self.files.iterdir() if path.name.endswith(ending)), None)

        return self.until(come, f"no download {ending}")

    def settled(self) -> None:
        """Wait until the page has all it asked for: nothing on it says that something is still to come."""
        self.until(lambda: self.driver.execute_script(_SETTLED), "the page does not settle")

    def shot(self, name: str) -> None:
        """Keep a picture of the page as it is."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(self._pictures / f"{name}.png"))

    def until(self, done: Callable[[], T | None], otherwise: str) -> T:
        """Wait until ``done`` gives something; pages change while one reads them."""
        deadline, last = time.monotonic() + SECONDS, ""
        while time.monotonic() < deadline:
            try:
                if found := done():
                    return found
            except StaleElementReferenceException:
                pass
            except WebDriverException as error:
                last = str(error.msg)
            time.sleep(0.1)
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].split()[0]
        self.shot(f"failed-{test}")
        raise AssertionError(f"{otherwise} · {self.path} · {last}\n{self.text[:500]}\n…\n{self.text[-1500:]}")
