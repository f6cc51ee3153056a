"""The deal board in a real browser: keys, dragging, demands in place, a refused move, and what axe says."""

from __future__ import annotations

from typing import Any

import pytest

from baton.sales.deals.models import Deal
from baton.sales.pipelines.models import Stage
from tests.browser.axe import grave_faults
from tests.browser.pages import sign_in, visit
from tests.cast import a_company, a_deal, a_stage, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]


@pytest.fixture
def board(page: Any, live_server: Any) -> Any:
    rep = a_user(name="Ada Lovelace")
    for n in range(4):
        a_deal(owner=rep, name=f"Fleet {n}", company=a_company())
    sign_in(page, live_server, rep)
    visit(page, f"{live_server.url}/deals/")
    return page


def stage_of(page: Any, deal: Deal) -> str:
    column = f'[data-stage]:has([data-deal="{deal.pk}"]) h2'
    return page.inner_text(column)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_board_list_and_deal_have_no_grave_fault(board: Any, live_server: Any, theme: str) -> None:
    board.emulate_media(color_scheme=theme)
    deal = Deal.objects.first()
    for path in ["/deals/", "/deals/list/", f"/deals/{deal.pk}/", "/deals/new/", "/today/", "/quotas/"]:
        visit(board, f"{live_server.url}{path}")
        assert grave_faults(board) == [], path


def test_shift_and_arrow_moves_the_card_and_keeps_it_chosen(board: Any) -> None:
    deal = Deal.objects.get(name="Fleet 2")
    board.locator(f'[data-deal="{deal.pk}"]').focus()
    board.keyboard.press("Shift+ArrowRight")
    board.wait_for_selector(f'[data-deal="{deal.pk}"][data-revision="2"]')
    deal.refresh_from_db()
    assert deal.stage.name == stage_of(board, deal) == "Proposal"
    assert board.evaluate("document.activeElement.dataset.deal") == str(deal.pk)


def test_dragging_a_card_moves_the_deal_and_the_sums(board: Any) -> None:
    deal = Deal.objects.get(name="Fleet 1")
    card = board.locator(f'[data-deal="{deal.pk}"]').bounding_box()
    target = board.locator("[data-cards]").nth(1).bounding_box()
    board.mouse.move(card["x"] + 60, card["y"] + 12)
    board.mouse.down()
    board.mouse.move(card["x"] + 90, card["y"] + 20, steps=5)
    board.mouse.move(target["x"] + 100, target["y"] + 20, steps=15)
    board.mouse.up()
    board.wait_for_selector(f'[data-deal="{deal.pk}"][data-revision="2"]')
    deal.refresh_from_db()
    assert deal.stage.name == "Proposal"
    assert board.locator(".board-count").all_inner_texts() == ["3", "1", "0"]


def test_what_a_stage_demands_is_asked_in_place(board: Any) -> None:
    Stage.objects.filter(pk=a_stage("Proposal").pk).update(demands=["close_date"])
    deal = Deal.objects.get(name="Fleet 0")
    board.locator(f'[data-deal="{deal.pk}"]').focus()
    board.keyboard.press("m")
    board.click("dialog.sheet button:has-text('Proposal')")
    board.wait_for_selector("dialog.sheet [name=expected_close_on]")
    assert grave_faults(board) == []
    board.keyboard.press("Escape")
    board.wait_for_selector(".toast-line")
    assert stage_of(board, deal) == "Discovery"
    board.locator(f'[data-deal="{deal.pk}"]').focus()
    board.keyboard.press("m")
    board.click("dialog.sheet button:has-text('Proposal')")
    board.fill("dialog.sheet [name=expected_close_on]", "2026-05-01")
    board.click("dialog.sheet .btn-primary")
    board.wait_for_selector(f'[data-deal="{deal.pk}"][data-revision="3"]')
    assert stage_of(board, deal) == "Proposal"


def test_a_card_moved_by_another_goes_back_and_says_why(board: Any) -> None:
    deal = Deal.objects.get(name="Fleet 3")
    Deal.objects.get(pk=deal.pk).claim_revision()
    board.locator(f'[data-deal="{deal.pk}"]').focus()
    board.keyboard.press("Shift+ArrowRight")
    board.wait_for_selector(".toast-line:has-text('Someone else changed this')")
    assert stage_of(board, deal) == "Discovery"


def test_composer_opens_by_its_key_and_logs_with_the_next_step(board: Any, live_server: Any) -> None:
    deal = Deal.objects.get(name="Fleet 0")
    visit(board, f"{live_server.url}/deals/{deal.pk}/")
    board.keyboard.press("c")
    board.keyboard.type("Wants a pilot")
    form = board.locator("[data-composer] details[open] form")
    form.locator("[name=next_title]").fill("Send the offer")
    form.locator("[name=next_on]").fill("2026-12-01")
    form.locator("button").click()
    board.wait_for_selector(".step-strip strong:has-text('Send the offer')")
    assert deal.activities.get().body == "Wants a pilot"


def test_on_a_phone_nothing_runs_out_of_the_page(board: Any, live_server: Any) -> None:
    board.set_viewport_size({"width": 375, "height": 780})
    for path in ["/deals/", "/deals/list/", f"/deals/{Deal.objects.first().pk}/", "/today/", "/quotas/"]:
        board.goto(f"{live_server.url}{path}")
        assert board.evaluate("document.documentElement.scrollWidth") <= 375, path
