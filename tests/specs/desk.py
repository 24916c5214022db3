"""An agent at the staff page, in a real browser: what they do and what they see."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass
class Desk:
    """The staff page of somebody who entered from the demo's start page."""

    page: Page

    @classmethod
    def entered(cls, page: Page, who: str) -> "Desk":
        page.locator(f"button[name=who][value={who}]").click()
        desk = cls(page)
        desk.is_online()
        return desk

    def is_online(self) -> None:
        expect(self.page.locator("#link[data-state=online]")).to_be_attached()

    def is_cut_off(self) -> None:
        expect(self.page.locator("#link[data-state=reconnecting]")).to_be_attached()

    # ——— Who waits ———

    def waiting(self, last_line: str) -> Locator:
        """Who waits, by the last thing they said."""
        return self.page.locator("#waiting li", has_text=last_line).first

    def takes(self, last_line: str) -> None:
        self._view("lists")
        row = self.waiting(last_line)
        expect(row.locator("time.age")).to_have_text(re.compile(r"\S"))
        row.locator("button.do").click()
        expect(self.pane).to_have_class(re.compile(r"\bmine\b"))

    # ——— The conversation ———

    @property
    def pane(self) -> Locator:
        return self.page.locator(".pane.active")

    @property
    def field(self) -> Locator:
        return self.pane.locator("textarea.field")

    def says(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def sees(self, text: str) -> None:
        expect(self.pane.locator(".log").get_by_text(text).last).to_be_visible()

    def lines(self) -> list[str]:
        """Everything said, in order, as it stands in the log."""
        return self.pane.locator(".log .message .text").all_inner_texts()

    def card(self) -> Locator:
        """The panel of what the bot knows; beside the conversation, or in its place on a small screen."""
        self._view("card")
        return self.page.locator("#card")

    def returns_to_the_conversation(self) -> None:
        self._view("chat")

    def hands_back(self, note: str) -> None:
        self.pane.locator(".actions button").nth(0).click()
        self.page.locator("#dialog textarea").fill(note)
        self.page.locator("#dialog button[value=yes]").click()

    def closes(self) -> None:
        self.pane.locator(".actions button").nth(2).click()
        self.page.locator("#dialog button[value=resolved]").click()

    def _view(self, name: str) -> None:
        tab = self.page.locator(f".tabs button[data-view={name}]")
        if tab.is_visible():
            tab.click()
