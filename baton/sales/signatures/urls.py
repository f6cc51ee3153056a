"""Public addresses of signing."""

from django.urls import path

from baton.sales.signatures import views

urlpatterns = [
    path("sign/<str:token>/", views.sign_page, name="sign"),
    path("sign/<str:token>/sign/", views.sign_it, name="sign_it"),
    path("sign/<str:token>/decline/", views.decline_it, name="sign_decline"),
    path("sign/<str:token>/document.pdf", views.document, name="sign_document"),
    path("sign/<str:token>/signed.pdf", views.signed_document, name="sign_signed"),
    path("sign/<str:token>/page/<int:number>.svg", views.page_picture, name="sign_picture"),
]
