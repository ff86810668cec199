"""Every page there is, for whoever may see it: what the tests look at, and what `make screenshots` draws.

The addresses are about the `world` of tests/browser/world.py: `{name}` stands for what it has of that name.
"""

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page as Tab

VISITOR, CONTRIBUTOR, MAINTAINER, OWNER = "visitor", "alice", "mel", "root"
ANYBODY = (VISITOR, CONTRIBUTOR, MAINTAINER)


class Page(NamedTuple):
    """`readers` are those whose page differs; the first is the one it is drawn for. `then` brings it into the state that is meant."""

    name: str
    address: str
    readers: tuple[str, ...] = ANYBODY
    then: Callable[[Tab], object] = lambda tab: None


def opened(words: str) -> Callable[[Tab], object]:
    """A menu, as it is when it has been opened."""
    return lambda tab: tab.locator("summary", has_text=words).first.click()


def sent(button: str) -> Callable[[Tab], object]:
    """A form, as it comes back when it was sent as it is."""
    return lambda tab: tab.get_by_role("button", name=button).last.click()


def sent_without_token(button: str) -> Callable[[Tab], object]:
    def send(tab: Tab) -> None:
        tab.context.clear_cookies()
        tab.get_by_role("button", name=button).last.click()

    return send


def asked_for_code(tab: Tab) -> None:
    tab.get_by_label("Email address").first.fill("alice@example.org")
    tab.get_by_role("button", name="Send me a code").first.click()


def signed_in_by_password(tab: Tab) -> None:
    """As mel, who has a second factor."""
    tab.get_by_text("Use a password").click()
    tab.get_by_label("Username or email address").fill("mel")
    tab.get_by_label("Password").fill("password")
    tab.get_by_role("button", name="Sign in", exact=True).click()


def brought(tab: Tab) -> None:
    """What is here, what is not, and what nobody understands."""
    tab.locator("main textarea").first.fill("arXiv:2401.09670\narXiv:2511.00001\nwhat I read on the train")
    tab.get_by_role("button", name="Show what is found").click()


PUBLIC = [
    Page("home", "/"),
    Page("list", "/papers/?category=llm-systems/serving&year=2024&year=2023"),
    Page("list-compact", "/papers/?density=compact&venue=osdi"),
    Page("list-download", "/papers/?venue=osdi", (VISITOR,), opened("Download")),
    Page("search", "/papers/?q=kv-cache&year=2024"),
    Page("search-one", "/papers/?q=max-flow"),
    Page("list-abstract", "/papers/?has=abstract", (VISITOR,), lambda tab: tab.get_by_role("button", name="Abstract").first.click()),
    Page("search-nothing", "/papers/?q=nothing-at-all"),
    Page("list-refused", "/papers/?year=20x4"),
    Page("paper", "/papers/distserve-disaggregating-prefill-and-decoding/"),
    Page("paper-among", "/papers/distserve-disaggregating-prefill-and-decoding/?venue=osdi&year=2024"),
    Page("paper-history", "/papers/{corrected}/history/"),
    Page("paper-gone", "/papers/{retracted}/"),
    Page("categories", "/categories/"),
    Page("category", "/categories/llm-systems/"),
    Page("category-leaf", "/categories/llm-systems/serving/"),
    Page("venues", "/venues/"),
    Page("venue", "/venues/sosp/"),
    Page("edition", "/venues/sosp/2024/"),
    Page("organizations", "/organizations/"),
    Page("organization", "/organizations/uc-berkeley/"),
    Page("changes", "/changes/"),
    Page("changes-month", "/changes/?decided=2026-11", (VISITOR,)),
    Page("review-queue", "/queue/"),
    Page("statistics", "/statistics/"),
    Page("people", "/people/"),
    Page("person", "/people/alice/"),
    Page("person-proposed", "/people/alice/proposed/"),
    Page("reading-lists-public", "/lists/"),
    Page("reading-list", "/lists/{list}/"),
    Page("about", "/about/"),
    Page("dumps", "/dumps/"),
    Page("api-docs", "/api/docs/"),
    Page("not-found", "/no-such-page/"),
]
OUTSIDE = [
    Page("sign-in", "/accounts/login/", (VISITOR,)),
    Page("sign-in-refused", "/accounts/login/code/", (VISITOR,), sent("Send me a code")),
    Page("sign-up", "/accounts/signup/", (VISITOR,)),
    Page("sign-in-code", "/accounts/login/", (VISITOR,), asked_for_code),
    Page("sign-in-factor", "/accounts/login/", (VISITOR,), signed_in_by_password),
    Page("sign-up-passkey", "/accounts/signup/passkey/", (VISITOR,)),
    Page("password-forgotten", "/accounts/password/reset/", (VISITOR,)),
    Page("unsubscribe", "{unsubscribe}", (VISITOR,)),
    Page("unsubscribe-unknown", "/unsubscribe/never-given-out/", (VISITOR,)),
    Page("form-without-token", "/accounts/login/", (VISITOR,), sent_without_token("Send me a code")),
]
OWN = [
    Page("account-menu", "/about/", (CONTRIBUTOR, MAINTAINER), lambda tab: tab.locator(".masthead summary.face").click()),
    Page("form", "/submissions/new/?paste=https://arxiv.org/pdf/2402.05099v1", (CONTRIBUTOR,)),
    Page("form-refused", "/submissions/new/", (CONTRIBUTOR,), sent("Submit for review")),
    Page("submissions", "/submissions/", (CONTRIBUTOR,)),
    Page("submission", "/submissions/{addition}/", (CONTRIBUTOR,)),
    Page("submission-edit", "/submissions/{addition}/edit/", (CONTRIBUTOR,)),
    Page("submission-withdraw", "/submissions/{addition}/withdraw/", (CONTRIBUTOR,)),
    Page("correction-form", "/papers/{corrected}/correct/", (CONTRIBUTOR,)),
    Page("removal-form", "/papers/{corrected}/remove/", (CONTRIBUTOR,)),
    Page("submitted-correction", "/submissions/{correction}/", (CONTRIBUTOR,)),
    Page("submitted-removal", "/submissions/{removal}/", (CONTRIBUTOR,)),
    Page("account", "/accounts/", (CONTRIBUTOR, MAINTAINER)),
    Page("profile", "/accounts/profile/", (CONTRIBUTOR,)),
    Page("addresses", "/accounts/email/", (CONTRIBUTOR,)),
    Page("password", "/accounts/password/change/", (CONTRIBUTOR,)),
    Page("passkeys", "/accounts/2fa/webauthn/", (MAINTAINER,)),
    Page("passkey-new", "/accounts/2fa/webauthn/add/", (CONTRIBUTOR,)),
    Page("authenticator", "/accounts/2fa/totp/activate/", (CONTRIBUTOR,)),
    Page("authenticator-off", "/accounts/2fa/totp/deactivate/", (MAINTAINER,)),
    Page("recovery-codes", "/accounts/2fa/recovery-codes/", (MAINTAINER,)),
    Page("recovery-codes-new", "/accounts/2fa/recovery-codes/generate/", (MAINTAINER,)),
    Page("other-sites", "/accounts/3rdparty/", (CONTRIBUTOR,)),
    Page("sign-in-again", "/accounts/reauthenticate/", (CONTRIBUTOR,)),
    Page("sessions", "/accounts/sessions/", (CONTRIBUTOR,)),
    Page("personal-data", "/accounts/data/", (CONTRIBUTOR,)),
    Page("delete", "/accounts/delete/", (CONTRIBUTOR,)),
    Page("sign-out", "/accounts/logout/", (CONTRIBUTOR,)),
    Page("reading", "/reading/", (CONTRIBUTOR, MAINTAINER)),
    Page("reading-paper", "/reading/papers/{read}/", (CONTRIBUTOR,)),
    Page("reading-lists", "/reading/lists/", (CONTRIBUTOR,)),
    Page("reading-list-private", "/lists/{private}/", (CONTRIBUTOR,)),
    Page("reading-list-edit", "/lists/{private}/edit/", (CONTRIBUTOR,)),
    Page("reading-list-delete", "/lists/{private}/delete/", (CONTRIBUTOR,)),
    Page("reading-import", "/reading/import/", (CONTRIBUTOR,), brought),
    Page("following", "/following/", (CONTRIBUTOR, MAINTAINER)),
    Page("follow", "/following/new/?category=llm-systems/serving&sort=-added", (CONTRIBUTOR,)),
    Page("notifications", "/accounts/notifications/", (CONTRIBUTOR,)),
    Page("tokens", "/accounts/tokens/", (CONTRIBUTOR,)),
    Page("not-allowed", "/admin/", (CONTRIBUTOR,)),
]
DESK = [
    Page("desk", "/admin/", (MAINTAINER,)),
    Page("desk-queue", "/admin/catalog/submission/", (MAINTAINER,)),
    Page("desk-item", "/admin/catalog/submission/{addition}/change/", (MAINTAINER,)),
    Page("desk-edit", "/admin/catalog/submission/{addition}/edit/", (MAINTAINER,)),
    Page("desk-correction", "/admin/catalog/submission/{correction}/change/", (MAINTAINER,)),
    Page("desk-removal", "/admin/catalog/submission/{removal}/change/", (MAINTAINER,)),
    Page("desk-reasons", "/admin/catalog/reason/", (MAINTAINER,)),
    Page("desk-categories", "/admin/catalog/category/", (MAINTAINER,)),
    Page("desk-category", "/admin/catalog/category/{serving}/change/", (MAINTAINER,)),
    Page("desk-order", "/admin/catalog/category/{serving}/order/", (MAINTAINER,)),
    Page("desk-venues", "/admin/catalog/venue/", (MAINTAINER,)),
    Page("desk-mapping", "/admin/catalog/venue/mapping/", (MAINTAINER,)),
    Page("desk-paper", "/admin/catalog/paper/{paper}/change/", (MAINTAINER,)),
    Page("desk-merge", "/admin/catalog/paper/{paper}/merge/?with={other}", (MAINTAINER,)),
    Page("desk-duplicates", "/admin/catalog/paper/duplicates/", (MAINTAINER,)),
    Page("desk-tombstones", "/admin/catalog/tombstone/", (MAINTAINER,)),
    Page("desk-imports", "/admin/catalog/import/", (MAINTAINER,)),
    Page("desk-import", "/admin/catalog/import/add/", (MAINTAINER,)),
    Page("desk-people", "/admin/accounts/user/", (OWNER,)),
    Page("desk-person", "/admin/accounts/user/{person}/change/", (OWNER,)),
]
PAGES = [*PUBLIC, *OUTSIDE, *OWN, *DESK]
