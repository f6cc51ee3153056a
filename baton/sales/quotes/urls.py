"""Addresses of quotes."""

from django.urls import path

from baton.sales.quotes import views

urlpatterns = [
    path("quotes/", views.quote_list, name="quotes"),
    path("quotes/new/", views.new_quote, name="new_quote"),
    path("quotes/draft/", views.draft, name="quote_draft"),
    path("quotes/<int:quote_id>/", views.quote_page, name="quote"),
    path("quotes/<int:quote_id>/change/", views.change, name="quote_change"),
    path("quotes/<int:quote_id>/totals/", views.totals, name="quote_totals"),
    path("quotes/<int:quote_id>/row/", views.row, name="quote_row"),
    path("quotes/<int:quote_id>/send/", views.send, name="quote_send"),
    path("quotes/<int:quote_id>/version/", views.version, name="quote_version"),
    path("quotes/<int:quote_id>/discard/", views.discard, name="quote_discard"),
    path("quotes/<int:quote_id>/accept/", views.accept, name="quote_accept"),
    path("quotes/<int:quote_id>/remind/<int:signer_id>/", views.remind, name="quote_remind"),
    path("quotes/<int:quote_id>/quote.pdf", views.paper, name="quote_paper"),
    path("quotes/<int:quote_id>/signed.pdf", views.signed, name="quote_signed"),
    path("quotes/<int:quote_id>/page/<int:number>.svg", views.picture, name="quote_picture"),
]
