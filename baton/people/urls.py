"""Contents page: every address of this side."""

from django.urls import URLPattern, URLResolver, path

from baton.people.companies import views as companies
from baton.people.companies.listing import COMPANIES
from baton.people.consent import views as consent
from baton.people.contacts import views as contacts
from baton.people.contacts.listing import CONTACTS
from baton.people.leads import views as leads
from baton.people.leads.listing import LEADS
from baton.people.preferences import public as preferences
from baton.people.returns import webhooks as returns
from baton.platform.lists.urls import urls_of

urlpatterns: list[URLPattern | URLResolver] = [
    *urls_of(CONTACTS),
    path("contacts/new/", contacts.new_contact, name="new_contact"),
    path("contacts/<int:contact_id>/", contacts.contact, name="contact"),
    path("contacts/<int:contact_id>/edit/", contacts.edit_contact, name="edit_contact"),
    path("contacts/<int:contact_id>/change/", contacts.change_field, name="change_contact"),
    path("contacts/<int:contact_id>/bin/", contacts.bin_contact, name="bin_contact"),
    path("contacts/<int:contact_id>/restore/", contacts.restore_contact, name="restore_contact"),
    path("contacts/<int:contact_id>/consent/<int:topic_id>/", consent.set_consent, name="set_consent"),
    path("contacts/<int:contact_id>/leads/open/", leads.open_lead, name="open_lead"),
    *urls_of(COMPANIES),
    path("companies/new/", companies.new_company, name="new_company"),
    path("companies/<int:company_id>/", companies.company, name="company"),
    path("companies/<int:company_id>/edit/", companies.edit_company, name="edit_company"),
    path("companies/<int:company_id>/change/", companies.change_field, name="change_company"),
    path("companies/<int:company_id>/bin/", companies.bin_company, name="bin_company"),
    path("companies/<int:company_id>/restore/", companies.restore_company, name="restore_company"),
    path("topics/", consent.topic_list, name="consent_topics"),
    path("topics/new/", consent.new_topic, name="new_consent_topic"),
    path("topics/<int:topic_id>/", consent.topic, name="consent_topic"),
    path("topics/<int:topic_id>/delete/", consent.delete_topic, name="delete_consent_topic"),
    path("u/<str:token>", preferences.unsubscribe, name="unsubscribe"),
    path("p/<str:token>", preferences.preferences, name="preferences"),
    path("confirm/<str:token>", preferences.confirm_consent, name="confirm_consent"),
    path("returns/<slug:provider>/", returns.provider_notice, name="provider_notice"),
    *urls_of(LEADS),
    path("leads/<int:lead_id>/move/", leads.move_lead, name="move_lead"),
]
