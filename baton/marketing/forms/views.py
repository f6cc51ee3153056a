"""Marketing's pages of forms: list, builder, submissions."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.campaigns.models import Campaign
from baton.marketing.forms import actions
from baton.marketing.forms.confirmation import starting_template, words_of
from baton.marketing.forms.models import Form
from baton.marketing.forms.rules import DEFAULT_FIELDS, KINDS
from baton.marketing.transactional.models import MailTemplate
from baton.marketing.transactional.views import edit_template
from baton.marketing.transactional.words import BadMail
from baton.people.consent.models import ConsentTopic
from baton.platform.accounts.access import Request, may
from baton.platform.csvfile import csv_answer
from baton.platform.forms import offer
from baton.platform.pages import Sort, page_of

NEWEST = Sort("at", True, "")
ROWS = 12
GOES_ON = gettext_lazy("Or goes on to this page")


class FormForm(forms.ModelForm):
    """A form's own form; the fields come as rows of the builder."""

    redirect_to = forms.URLField(label=GOES_ON, required=False, max_length=200, assume_scheme="https")
    confirmed_to = forms.URLField(label=GOES_ON, required=False, max_length=200, assume_scheme="https")

    class Meta:
        model = Form
        fields = [
            "name",
            "slug",
            "title",
            "text",
            "button",
            "thanks",
            "redirect_to",
            "campaign",
            "topic",
            "consent_wording",
            "confirms",
            "confirm_template",
            "confirmed",
            "confirmed_to",
            "opens_lead",
            "notify_owner",
            "is_open",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("text", "thanks", "consent_wording", "confirmed"):
            self.fields[name].widget.attrs["rows"] = 3
        self.fields["slug"].help_text = _("The last part of the form's own address, such as demo-request.")
        self.fields["topic"].label = _("Asks for consent to")
        self.fields["consent_wording"].help_text = _("Kept as evidence with every answer that agrees.")
        self.fields["confirms"].help_text = _(
            "A yes then counts only once the button behind the mailed link is pressed."
        )
        template = cast(forms.ModelChoiceField, self.fields["confirm_template"])
        template.empty_label = _("The topic’s own words")
        template.help_text = _("One of the templates of transactional mail.")
        offer(self, campaign=Campaign.objects.live())
        offer(self, confirm_template=MailTemplate.objects.live())
        offer(self, topic=ConsentTopic.objects.filter(purpose=ConsentTopic.Purpose.MARKETING))

    def clean_confirm_template(self) -> MailTemplate | None:
        """One that can be filled in as such a mail, with the link in both its parts."""
        template = self.cleaned_data["confirm_template"]
        if template is not None and "confirm_template" in self.changed_data:
            try:
                words_of(template)
            except BadMail as error:
                raise forms.ValidationError(str(error)) from None
        return template


@may("marketing.view")
def form_list(request: Request) -> HttpResponse:
    """Every form with how often it was sent."""
    found = (
        Form.objects.live()
        .select_related("campaign")
        .annotate(sent=Count("submissions"), last_at=Max("submissions__at"))
    )
    return render(request, "marketing/forms/list.html", {"forms": found})


@may("marketing.view")
def form_page(request: Request, form_id: int) -> HttpResponse:
    """One form: how to put it on a page, what was sent."""
    form = get_object_or_404(Form.objects.live(), pk=form_id)
    page = page_of(form.submissions.select_related("contact", "lead"), NEWEST, request.GET.get("after", ""))
    address = f"{settings.BATON_URL}/f/{form.slug}/"
    context = {"form": form, "submissions": page.rows, "next": page.next, "address": address}
    return render(request, "marketing/forms/form.html", context)


@may("marketing.change")
def new_form(request: Request) -> HttpResponse:
    """A new form with the usual fields."""
    return _edit(request, Form(fields=DEFAULT_FIELDS))


@may("marketing.change")
def edit_form(request: Request, form_id: int) -> HttpResponse:
    """Change a form; what was sent before keeps the version it was sent with."""
    return _edit(request, get_object_or_404(Form.objects.live(), pk=form_id))


@may("marketing.change")
def new_confirmation_template(request: Request) -> HttpResponse:
    """A new template of transactional mail that begins as the mail that asks to confirm."""
    return edit_template(request, starting_template())


@may("people.export")
def submissions_csv(request: Request, form_id: int) -> StreamingHttpResponse:
    """All that was sent with a form, streamed."""
    form = get_object_or_404(Form.objects.live(), pk=form_id)
    names = [field["name"] for field in form.fields]
    rows = (
        [sent.at.isoformat(timespec="seconds"), *[sent.answers.get(name, "") for name in names], sent.has_consented,
         sent.source.get("channel", ""), sent.source.get("campaign", ""), sent.page]
        for sent in form.submissions.order_by("pk").iterator(chunk_size=1000)
    )  # fmt: skip
    return csv_answer(f"{form.slug}.csv", ["at", *names, "consent", "channel", "campaign", "page"], rows)


def _edit(request: Request, form: Form) -> HttpResponse:
    fields = _rows(request) if request.method == "POST" else form.fields
    bound = FormForm(request.POST or None, instance=form)
    if request.method == "POST" and bound.is_valid():
        values = {name: bound.cleaned_data[name] for name in bound.Meta.fields}
        stored = Form.objects.get(pk=form.pk) if form.pk else Form()
        try:
            saved = actions.save_form(stored, {**values, "fields": fields}, actor=request.user, now=timezone.now())
        except ValueError as error:
            bound.add_error(None, str(error))
        else:
            messages.success(
                request, _("%(form)s is saved as version %(version)s.") % {"form": saved, "version": saved.version}
            )
            return redirect(saved)
    context = {"form": form, "bound": bound, "rows": fields + [{}] * (ROWS - len(fields)), "kinds": KINDS}
    return render(request, "marketing/forms/edit.html", context, status=422 if bound.errors else 200)


def _rows(request: Request) -> list[dict[str, Any]]:
    columns = [request.POST.getlist(f"field_{part}") for part in ("name", "label", "kind", "required", "options")]
    rows = zip(*columns, strict=False)
    return [
        {"name": name, "label": label, "kind": kind, "required": required == "yes", "options": options.split("|")}
        for name, label, kind, required, options in rows
        if name.strip()
    ]
