"""The pages of the settings."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.platform import journal
from baton.platform.accounts.access import Request, may
from baton.platform.accounts.models import Team, User
from baton.platform.errors import Refusal
from baton.platform.fields.models import FieldDefinition
from baton.platform.organisation import organisation
from baton.web.house import actions
from baton.web.house.forms import FieldForm, OrganisationForm, PersonForm, TeamForm


@may("settings.change")
def settings(request: Request) -> HttpResponse:
    """The organisation: name, address, zone, currency, fiscal year."""
    form = OrganisationForm(request.POST or None, instance=organisation())
    if request.method == "POST" and form.is_valid():
        journal.record("organisation.changed", form.save(), actor=request.user, fields=form.changed_data)
        messages.success(request, _("The organisation is saved."))
        return redirect("settings")
    return render(request, "house/organisation.html", {"form": form, "tabs": _tabs("settings")})


@may("settings.change")
def people(request: Request) -> HttpResponse:
    """Everyone who may sign in, and the teams."""
    return render(
        request,
        "house/people.html",
        {
            "everyone": list(User.objects.select_related("team").order_by("-is_active", "name", "email")),
            "teams": list(Team.objects.select_related("parent", "manager").order_by("path")),
            "tabs": _tabs("settings_people"),
        },
    )


@may("settings.change")
def add_person(request: Request) -> HttpResponse:
    """A form for a new person; they get a mail to set their password."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.add_person(dict(form.cleaned_data), actor=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            _send_password_mail(request, user)
            messages.success(
                request, _("%(name)s is added; a mail to set the password is on its way.") % {"name": user}
            )
            return redirect("settings_people")
    return _form_page(request, form, _("Add a person"), _("Add person"), "settings_people")


@may("settings.change")
def change_person(request: Request, user_id: int) -> HttpResponse:
    """A form for role, team, name and address of a person."""
    user = get_object_or_404(User, pk=user_id)
    form = PersonForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_person(user, form.cleaned_data, actor=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": user})
            return redirect("settings_people")
    return _form_page(request, form, str(User.objects.get(pk=user_id)), _("Save"), "settings_people")


@require_POST
@may("settings.change")
def open_or_close(request: Request, user_id: int) -> HttpResponse:
    """POST `is_active` 0 or 1: close or open an account."""
    user = get_object_or_404(User, pk=user_id)
    is_active = request.POST.get("is_active") == "1"
    try:
        actions.set_active(user, is_active, actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("%(name)s may sign in again.") if is_active else _("%(name)s can no longer sign in.")
        messages.success(request, said % {"name": user})
    return redirect("settings_people")


@may("settings.change")
def add_team(request: Request) -> HttpResponse:
    """A form for a new team."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_team(form.cleaned_data, actor=request.user)
        messages.success(request, _("The team is made."))
        return redirect("settings_people")
    return _form_page(request, form, _("Make a team"), _("Make team"), "settings_people")


@may("settings.change")
def fields(request: Request) -> HttpResponse:
    """The custom fields and a form for one more."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_field(form.save(commit=False), actor=request.user)
        messages.success(request, _("The field is there; records can be filled at once."))
        return redirect("settings_fields")
    known = list(FieldDefinition.objects.order_by("on", "is_hidden", "label"))
    return render(request, "house/fields.html", {"form": form, "known": known, "tabs": _tabs("settings_fields")})


@require_POST
@may("settings.change")
def hide_field(request: Request, field_id: int) -> HttpResponse:
    """POST `is_hidden` 0 or 1."""
    field = get_object_or_404(FieldDefinition, pk=field_id)
    actions.set_hidden(field, request.POST.get("is_hidden") == "1", actor=request.user)
    return redirect("settings_fields")


def _form_page(request: Request, form: ModelForm, title: str, verb: str, back: str) -> HttpResponse:
    return render(request, "house/form.html", {"form": form, "title": title, "verb": verb, "back": back})


def _send_password_mail(request: Request, user: User) -> None:
    form = ResetPasswordForm({"email": user.email})
    if form.is_valid():
        form.save(request)


def _tabs(current: str) -> list[dict[str, str | bool]]:
    from baton.web.shell.navigation import address

    names = [
        ("settings", _("Organisation")),
        ("settings_people", _("People and teams")),
        ("settings_fields", _("Fields")),
        ("consent_topics", _("Consent topics")),
    ]
    return [{"label": label, "href": address(name), "is_current": name == current} for name, label in names]
