"""Every address of the product: the shell's own and each side's contents page."""

from django.urls import URLPattern, URLResolver, include, path

from baton.web.catcher import views as catcher
from baton.web.home.views import home
from baton.web.shell import views as shell

handler500 = "baton.web.away.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("search/", shell.search, name="search"),
    path("styleguide/", shell.styleguide, name="styleguide"),
    path("catcher/", catcher.catcher, name="catcher"),
    path("catcher/<str:letter>/", catcher.catcher, name="caught_mail"),
    path("catcher/<str:letter>/html/", catcher.caught_html, name="caught_html"),
    path("accounts/", include("allauth.urls")),
    path("", include("baton.platform.accounts.urls")),
    path("", include("baton.web.house.urls")),
    path("", include("baton.measure.urls")),
    path("", include("baton.exchange.urls")),
    path("", include("baton.handoff.urls")),
    path("", include("baton.sales.urls")),
    path("", include("baton.marketing.urls")),
    path("", include("baton.tracking.urls")),
    path("", include("baton.people.urls")),
]
