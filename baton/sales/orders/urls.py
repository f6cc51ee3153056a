"""Addresses of orders."""

from django.urls import path

from baton.sales.orders import views

urlpatterns = [
    path("orders/", views.order_list, name="orders"),
    path("orders/<int:order_id>/", views.order_page, name="order"),
    path("orders/<int:order_id>/payments/", views.pay, name="order_pay"),
]
