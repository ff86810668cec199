import json

from playwright.sync_api import expect

from catalog.api import schema

METHODS = {"get", "post", "put", "patch", "delete"}


def test_the_documentation_draws_itself_and_its_requests_are_answered(page, catalogue):
    paths = json.loads(schema.openapi())["paths"]
    page.goto("/api/docs/")
    expect(page.locator(".opblock")).to_have_count(sum(len(METHODS & operations.keys()) for operations in paths.values()))
    page.locator("#operations-v1-venue .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_placeholder("slug").fill("osdi")
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    assert page.context.cookies() == []
