"""Addresses of products."""

from django.urls import path

from baton.sales.products import views

urlpatterns = [
    path("products/", views.product_list, name="products"),
    path("products/new/", views.new_product, name="new_product"),
    path("products/<int:product_id>/", views.product_page, name="product"),
    path("products/<int:product_id>/sell/", views.sell, name="product_sell"),
]
