"""The page as a cashier uses it, in a browser."""

import pytest
from playwright.sync_api import expect, sync_playwright


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, shop):
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.set_default_timeout(5000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(shop.url)
    page.get_by_label("PIN").fill("2580")
    page.get_by_role("button", name="Open the till").click()
    yield page
    context.close()
    assert problems == []


def _charge(page, amount, register, later=False):
    page.get_by_label("Amount").fill(amount)
    page.get_by_label("Register").select_option(register)
    if later:
        page.get_by_label("Tip on the receipt").check()
    page.get_by_role("button", name=f"Charge {amount} USD").dblclick()
    expect(page.get_by_role("heading", name="Waiting for the card")).to_be_visible()


def test_a_cashier_takes_a_payment_reloads_refunds_and_prints(page, shop):
    register, reader = shop.register()
    page.reload()
    _charge(page, "24.50", register)
    name = page.url.split("#")[1]
    assert len(shop.venue.intents_of(name)) == 1

    page.reload()
    expect(page.get_by_role("heading", name="Waiting for the card")).to_be_visible()
    shop.venue.tap(reader)
    expect(page.get_by_role("status")).to_contain_text("The money is collected.")

    page.get_by_role("button", name="Refund").click()
    page.get_by_label("Refund").fill("8.50")
    page.get_by_role("button", name="Refund 8.50 USD").dblclick()
    expect(page.get_by_role("listitem")).to_contain_text("Refunded 8.50 USD.")
    assert shop.done("GET", f"/sales/{name}")["refunded"] == 850

    page.get_by_role("button", name="Receipt").click()
    expect(page.get_by_label("Receipt")).to_contain_text("24.50")


def test_a_decline_offers_another_card_and_hides_the_banks_reason(page, shop):
    register, reader = shop.register()
    page.reload()
    _charge(page, "16.00", register)
    shop.venue.tap(reader, "4000000000009995")
    expect(page.get_by_role("heading", name="Not paid")).to_be_visible()
    assert "insufficient" not in page.content()

    page.get_by_role("button", name="Try another card for 16.00 USD").click()
    expect(page.get_by_role("heading", name="Waiting for the card")).to_be_visible()
    shop.venue.tap(reader)
    expect(page.get_by_role("heading", name="Paid", exact=True)).to_be_visible()


def test_a_tip_is_added_and_a_sale_is_cancelled(page, shop):
    register, reader = shop.register()
    page.reload()
    _charge(page, "40.00", register, later=True)
    shop.venue.tap(reader)
    page.get_by_role("button", name="Add a tip").click()
    page.get_by_label("Tip").fill("50.01")
    page.get_by_role("button", name="Collect with this tip").click()
    expect(page.get_by_role("alert")).to_contain_text("Not collected.")
    page.get_by_role("button", name="Add a tip").click()
    page.get_by_label("Tip").fill("5.00")
    page.get_by_role("button", name="Collect with this tip").click()
    expect(page.get_by_role("heading", name="Paid", exact=True)).to_be_visible()

    page.get_by_role("button", name="New sale").click()
    _charge(page, "11.00", register)
    page.get_by_role("button", name="Cancel the payment").click()
    expect(page.get_by_role("status")).to_contain_text("The sale was cancelled.")
    page.get_by_role("button", name="All sales").click()
    expect(page.get_by_role("heading", name="Sales")).to_be_visible()
    page.get_by_role("button", name="End of day").click()
    expect(page.get_by_role("table")).to_contain_text("Together")
