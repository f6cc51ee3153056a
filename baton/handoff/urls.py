"""Contents page: every address of this side."""

from django.urls import URLPattern, URLResolver, path

from baton.handoff.agreement import views as agreement
from baton.handoff.assignments import views as assignments
from baton.handoff.feedback import views as feedback

urlpatterns: list[URLPattern | URLResolver] = [
    path("new-leads/", assignments.new_leads, name="new_leads"),
    path("new-leads/<int:handoff_id>/", assignments.new_lead, name="new_lead"),
    path("new-leads/<int:handoff_id>/accept/", assignments.accept, name="accept_lead"),
    path("new-leads/<int:handoff_id>/reject/", assignments.reject, name="reject_lead"),
    path("lead-sla/", agreement.lead_sla, name="lead_sla"),
    path("lead-sla/draft/", agreement.edit_draft, name="lead_sla_draft"),
    path("lead-sla/draft/start/", agreement.draft, name="start_lead_sla_draft"),
    path("lead-sla/<int:agreement_id>/approve/", agreement.approve, name="approve_lead_sla"),
    path("lead-sla/seats/<int:seat_id>/", agreement.seat, name="seat"),
    path("handoff/review/", feedback.handoff_review, name="handoff_review"),
]
