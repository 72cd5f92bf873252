"""The API's documentation in a browser, under the content security policy of all pages."""

from playwright.sync_api import Page, expect

from frontdesk.api.v1 import api


def test_the_docs_page_lists_the_operations_without_any_third_party_host(page: Page) -> None:
    # The fixtures fail this test for a violation of the policy or a request to another host.
    page.goto("/api/docs")

    paths = api.get_openapi_schema()["paths"].values()
    expect(page.locator(".opblock")).to_have_count(sum(map(len, paths)))
    page.get_by_role("button", name="Report messages").click()
    expect(page.get_by_text("Up to 1,000 events")).to_be_visible()
    expect(page.locator(".opblock.is-open .responses-table")).to_contain_text("413")
