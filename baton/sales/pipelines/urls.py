"""Addresses of pipelines."""

from django.urls import path

from baton.sales.pipelines import views

urlpatterns = [
    path("pipelines/", views.pipelines, name="pipelines"),
    path("pipelines/make/", views.make_pipeline, name="pipeline_make"),
    path("pipelines/<int:pipeline_id>/stages/", views.add_stage, name="stage_add"),
    path("pipelines/stages/<int:stage_id>/", views.change_stage, name="stage_change"),
]
