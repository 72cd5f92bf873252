"""WCAG 2.2 AA and good practice, as far as axe finds it."""

import json

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # nothing that it would fetch once more matters to these rules
}
_RUN = f"""async () => {{
  const {{ violations }} = await axe.run({json.dumps(_OPTIONS)});
  return violations.map(({{ id, nodes }}) =>
    `${{id}}: ${{nodes.map((node) => node.html.slice(0, 120)).join(" | ")}}`);
}}"""


def violations(page: Page) -> list[str]:
    """Each rule that the page breaks, with the elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(_RUN)
    return found
