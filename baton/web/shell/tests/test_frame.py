"""The frame: who sees which places, error pages, profile, notifications, the policy, second factor."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client, RequestFactory
from django.views.csrf import csrf_failure

from baton.platform.notifications import notify
from baton.platform.search.models import SearchRow
from baton.web.shell import navigation
from tests.cast import PASSWORD, a_user

pytestmark = pytest.mark.django_db


def signed_in(role: str = "administrator", **fields: object) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(a_user(role, **fields))
    return client


def test_a_reps_list_opens_at_sales_and_hides_marketing() -> None:
    rep = a_user("rep")
    groups = [group.key for group in navigation.grouped(rep, navigation.places_of(rep))]
    assert groups.index("sales") < groups.index("handoff")
    assert "marketing" not in groups
    assert "settings" not in groups


def test_what_is_not_built_is_not_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    ghost = navigation.Place("Ghost", "ghost_that_is_not_built", "", "x", "home")
    monkeypatch.setattr(navigation, "PLACES", [*navigation.PLACES, ghost])
    assert "Ghost" not in [place.label for place in navigation.places_of(a_user("administrator"))]


def test_the_place_one_is_in_is_marked_deep_inside_it() -> None:
    places = navigation.places_of(a_user("administrator"), "/settings/people/add/")
    assert [place.name for place in places if place.is_current] == ["settings"]


def test_no_two_places_share_a_key() -> None:
    keys = [place.key for place in navigation.PLACES if place.key]
    assert len(keys) == len(set(keys))


def test_every_icon_named_in_the_navigation_is_in_the_sprite() -> None:
    from django.contrib.staticfiles import finders

    with open(finders.find("vendor/tabler-icons/icons.svg")) as file:
        sprite = file.read()
    named = {place.icon for place in navigation.PLACES} | {icon for *_rest, icon in navigation.NEW}
    assert [icon for icon in named if f'id="{icon}"' not in sprite] == []


def test_pages_carry_a_policy_without_inline_code() -> None:
    response = signed_in().get("/me/")
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    html = response.content.decode()
    assert " style=" not in html
    assert "onclick=" not in html


def test_errors_wear_the_house_style(settings) -> None:
    missing = signed_in().get("/no-such-page/")
    assert missing.status_code == 404
    assert b"css/tokens.css" in missing.content
    refused = signed_in("rep").get("/settings/")
    assert refused.status_code == 403
    assert b"css/tokens.css" in refused.content
    forged = csrf_failure(RequestFactory().post("/me/"))
    assert forged.status_code == 403
    assert b"css/tokens.css" in forged.content


def test_a_broken_page_says_so_without_any_context(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.views.defaults import server_error

    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert b"css/tokens.css" in response.content


def test_profile_keeps_zone_and_formats() -> None:
    client = signed_in("rep", name="Ada")
    assert client.post("/me/", {"name": "Ada L", "zone": "Asia/Tokyo", "locale": "en_GB"}).status_code == 302
    html = client.get("/me/").content.decode()
    assert 'lang="en-gb"' in html
    assert "Ada L" in html


def test_unknown_zone_is_refused() -> None:
    client = signed_in("rep", name="Ada")
    assert client.post("/me/", {"name": "Ada", "zone": "Mars/Base", "locale": "en"}).status_code == 200


def test_notification_opens_where_it_leads_and_is_read() -> None:
    user = a_user("rep")
    notice = notify(user, "lead", "A lead waits", url="/new-leads/")
    client = Client()
    client.force_login(user)
    assert "A lead waits" in client.get("/notifications/").content.decode()
    assert client.post(f"/notifications/{notice.pk}/").headers["Location"] == "/new-leads/"
    notice.refresh_from_db()
    assert notice.read_at


def test_notification_of_another_stays_closed() -> None:
    notice = notify(a_user("rep"), "lead", "A lead waits", url="/new-leads/")
    assert signed_in("rep").post(f"/notifications/{notice.pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_notification_never_leads_off_the_site() -> None:
    user = a_user("rep")
    notice = notify(user, "lead", "Look", url="https://evil.example/")
    client = Client()
    client.force_login(user)
    assert client.post(f"/notifications/{notice.pk}/").headers["Location"] == "/notifications/"


def test_search_answers_json_for_the_palette() -> None:
    assert signed_in().get("/search/?format=json&q=").json() == {"results": []}


@pytest.mark.parametrize("path", ["login", "password/reset", "password/reset/done", "inactive", "signup"])
def test_pages_before_signing_in_are_ours(path: str) -> None:
    response = Client().get(f"/accounts/{path}/")
    assert response.status_code == 200
    assert b"css/tokens.css" in response.content


def test_second_factor_pages_draw_and_turn_on() -> None:
    user = a_user("rep")
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert b"css/tokens.css" in client.get("/accounts/reauthenticate/").content
    client.post("/accounts/reauthenticate/?next=/me/", {"password": PASSWORD})
    for path in ("2fa/", "2fa/totp/activate/", "password/change/", "logout/"):
        response = client.get(f"/accounts/{path}")
        assert response.status_code == 200, path
        assert b"css/tokens.css" in response.content, path
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    for path in ("2fa/", "2fa/totp/deactivate/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/"):
        assert client.get(f"/accounts/{path}").status_code == 200, path
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 200
    assert Authenticator.objects.filter(user=user).count() == 2
    again = Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD}, follow=True)
    assert again.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")
    assert again.status_code == 200


def test_palette_finds_only_what_one_may_see() -> None:
    rep, other = a_user("rep"), a_user("rep")
    for number, owner in enumerate([rep, other], 1):
        SearchRow.objects.create(
            kind="contact",
            thing_id=number,
            side="people",
            title=f"Müller {number}",
            folded=f"muller {number}",
            url=f"/contacts/{number}/",
            owner_id=owner.pk,
        )
    client = Client()
    client.force_login(rep)
    found = client.get("/search/?format=json&q=müll").json()["results"]
    assert [(one["label"], one["url"], one["kind_label"]) for one in found] == [("Müller 1", "/contacts/1/", "Contact")]
    assert "Müller 1" in client.get("/search/?q=muller").content.decode()
