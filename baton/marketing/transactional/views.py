"""Pages of transactional mail: what was sent lately, its templates, one mail and the decision about what is unknown."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from baton.marketing.email.views import PREVIEW_POLICY
from baton.marketing.email.writing import BadWriting
from baton.marketing.transactional import actions, reads
from baton.marketing.transactional.forms import TemplateForm
from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.marketing.transactional.words import filled
from baton.people.deliveries.models import Delivery
from baton.platform.accounts.access import Request, may
from baton.platform.errors import OutsideFault, Refusal
from baton.platform.forms import number_of


@may("marketing.view")
def transactional(request: Request) -> HttpResponse:
    """The templates, and what was sent lately."""
    only = request.GET.get("only", "")
    only = only if only == "trouble" or only in Delivery.State.values else ""
    rows, following = reads.mails_page(request.user, only=only, before=number_of(request.GET.get("after")))
    context = {"templates": reads.templates(), "mails": [_row(mail) for mail in rows], "next": following, "only": only}
    return render(request, "marketing/transactional/transactional.html", context)


@may("marketing.view")
def mail_template(request: Request, template_id: int) -> HttpResponse:
    """A template filled with its sample, and the mails sent by it."""
    template = _template(template_id)
    rows, following = reads.mails_page(request.user, template=template, before=number_of(request.GET.get("after")))
    context = {"template": template, "mails": [_row(mail) for mail in rows], "next": following}
    try:
        context["subject"] = _filled(template).subject
    except BadWriting as error:
        context["subject"] = str(error)
    return render(request, "marketing/transactional/template.html", context)


@may("marketing.change")
def new_mail_template(request: Request) -> HttpResponse:
    """Write a template."""
    return edit_template(request, MailTemplate())


@may("marketing.change")
def edit_mail_template(request: Request, template_id: int) -> HttpResponse:
    """Change a template; mails that were asked for keep the words they had."""
    return edit_template(request, _template(template_id))


def edit_template(request: Request, template: MailTemplate) -> HttpResponse:
    """The form of a template, and its saving; of a new one, with the words it begins with."""
    form = TemplateForm(request.POST or None, instance=template)
    if request.method == "POST" and form.is_valid():
        stored = _template(template.pk) if template.pk else MailTemplate()
        saved = actions.save_template(stored, form.cleaned_data, actor=request.user)
        messages.success(request, _("Saved. Programs send it as %(code)s.") % {"code": saved.code})
        return redirect(saved)
    context = {"form": form, "template": MailTemplate.objects.filter(pk=template.pk).first()}
    return render(request, "marketing/transactional/edit.html", context, status=422 if form.errors else 200)


@xframe_options_sameorigin
@may("marketing.view")
def preview_mail_template(request: Request, template_id: int) -> HttpResponse:
    """The mail itself, filled with the sample, for a frame without rights."""
    try:
        words = _filled(_template(template_id))
        body, kind = (words.text, "text/plain") if request.GET.get("part") == "text" else (words.html, "text/html")
    except BadWriting as error:
        body, kind = str(error), "text/plain"
    policy = {"Content-Security-Policy": PREVIEW_POLICY}
    return HttpResponse(body, content_type=f"{kind}; charset=utf-8", headers=policy)


@require_POST
@may("marketing.change")
def test_mail_template(request: Request, template_id: int) -> HttpResponse:
    """POST: one copy, filled with the sample, to the person who asks."""
    template = _template(template_id)
    try:
        actions.send_test(template, to=request.user.email, now=timezone.now())
    except (Refusal, OutsideFault) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A test is on its way to %(email)s.") % {"email": request.user.email})
    return redirect(template)


@require_POST
@may("marketing.change")
def bin_mail_template(request: Request, template_id: int) -> HttpResponse:
    """POST: put a template away."""
    actions.bin_template(_template(template_id), actor=request.user, now=timezone.now())
    messages.success(request, _("The template is put away; programs that ask for its code are refused."))
    return redirect("transactional")


@may("marketing.view")
def transactional_mail(request: Request, mail_id: int) -> HttpResponse:
    """One mail: what became of it. Its words are not shown: they may hold a password's link."""
    mail = _mail(request, mail_id)
    context = {"mail": mail, "history": reads.history(mail), "is_open": reads.is_open_question(mail), **_row(mail)}
    return render(request, "marketing/transactional/mail.html", context)


@require_POST
@may("marketing.send")
def decide_transactional(request: Request, mail_id: int) -> HttpResponse:
    """POST: send a mail again of which nobody knows whether it arrived, or leave it."""
    mail, decision = _mail(request, mail_id), request.POST.get("decision", "")
    if decision not in ("again", "leave"):
        messages.info(request, _("Nothing was chosen."))
        return redirect(mail)
    try:
        actions.decide_unknown(mail, again=decision == "again", actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is sent again.") if decision == "again" else _("It is left as it is."))
    return redirect(mail)


def _row(mail: TransactionalMail) -> dict[str, object]:
    state = Delivery.State(reads.state_of(mail))
    return {"mail": mail, "state": state.label, "tone": reads.TONES.get(state, "quiet"), "why": reads.why(mail)}


def _filled(template: MailTemplate) -> actions.Words:
    return filled(subject=template.subject, source=template.source, text=template.text, data=template.sample)


def _template(template_id: int) -> MailTemplate:
    return get_object_or_404(MailTemplate.objects.live(), pk=template_id)


def _mail(request: Request, mail_id: int) -> TransactionalMail:
    found = reads.mails_of(request.user).filter(pk=mail_id).first()
    if found is None:
        raise Http404
    return found
