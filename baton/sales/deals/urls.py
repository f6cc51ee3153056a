"""Addresses of deals."""

from django.urls import path

from baton.platform.lists.urls import urls_of
from baton.sales.deals import board_views, views
from baton.sales.deals.listing import DEALS

urlpatterns = [
    path("deals/", board_views.board, name="deals"),
    path("deals/board/", board_views.board, name="deals_board"),
    path("deals/board/column/<int:stage_id>/", board_views.column, name="deals_column"),
    *urls_of(DEALS),
    path("deals/new/", views.new_deal, name="new_deal"),
    path("deals/open/", views.open_deal, name="deal_open"),
    path("deals/<int:deal_id>/", views.deal_page, name="deal"),
    path("deals/<int:deal_id>/move/", board_views.move, name="deal_move"),
    path("deals/<int:deal_id>/change/", views.change_deal, name="deal_change"),
    path("deals/<int:deal_id>/custom/", views.change_custom, name="deal_custom"),
    path("deals/<int:deal_id>/win/", views.win, name="deal_win"),
    path("deals/<int:deal_id>/lose/", views.lose, name="deal_lose"),
    path("deals/<int:deal_id>/reopen/", views.reopen, name="deal_reopen"),
    path("deals/<int:deal_id>/lines/", views.add_line, name="deal_line_add"),
    path("deals/<int:deal_id>/lines/<int:line_id>/remove/", views.remove_line, name="deal_line_remove"),
    path("deals/<int:deal_id>/contacts/", views.add_contact, name="deal_contact_add"),
    path("deals/<int:deal_id>/contacts/<int:contact_id>/remove/", views.remove_contact, name="deal_contact_remove"),
]
