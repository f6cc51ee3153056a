"""Addresses of settings and operations."""

from django.urls import URLPattern, URLResolver, path

from baton.web.house import operations, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/", views.settings, name="settings"),
    path("settings/people/", views.people, name="settings_people"),
    path("settings/people/add/", views.add_person, name="add_person"),
    path("settings/people/<int:user_id>/", views.change_person, name="change_person"),
    path("settings/people/<int:user_id>/active/", views.open_or_close, name="open_or_close_person"),
    path("settings/teams/add/", views.add_team, name="add_team"),
    path("settings/fields/", views.fields, name="settings_fields"),
    path("settings/fields/<int:field_id>/hidden/", views.hide_field, name="hide_field"),
    path("operations/", operations.operations, name="operations"),
    path("operations/jobs/<int:job_id>/again/", operations.run_again, name="run_job_again"),
]
