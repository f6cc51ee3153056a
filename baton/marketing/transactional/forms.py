"""What a person types of a template."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.email.writing import BadWriting
from baton.marketing.transactional.models import MailTemplate
from baton.marketing.transactional.words import MAX_BODY, filled
from baton.platform.mail.splice import BadHeader, checked_address


class TemplateForm(forms.ModelForm):
    """A template, tried with its own sample before it is kept."""

    sample = forms.JSONField(
        label=gettext_lazy("Sample data"),
        help_text=gettext_lazy("What programs send as data, as JSON. Previews and tests are filled with it."),
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "class": "source-text"}),
        required=False,
    )

    class Meta:
        model = MailTemplate
        fields = ["name", "code", "subject", "source", "text", "sample", "sender_name", "sender_email", "reply_to"]
        widgets = {
            "source": forms.Textarea({"rows": 18, "spellcheck": "false", "class": "source-text"}),
            "text": forms.Textarea({"rows": 6}),
        }
        help_texts = {
            "code": gettext_lazy("Programs send it by this name: order-confirmed."),
            "subject": gettext_lazy("Fields as in {{ data.order.number }}."),
            "source": gettext_lazy("HTML, or MJML from <mjml> on. A field that a program does not give is an error, "
                                   "unless it has words for then: {{ data.name | default: 'there' }}."),
            "text": gettext_lazy("Empty: made of the words above."),
            "sender_email": gettext_lazy("Empty: the address that Baton’s own mail comes from."),
        }  # fmt: skip

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].lower()
        if MailTemplate.objects.live().filter(code=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another template has this code."))
        return code

    def clean_sample(self) -> dict[str, Any]:
        sample = self.cleaned_data["sample"]
        if sample in (None, ""):
            return {}
        if not isinstance(sample, dict):
            raise forms.ValidationError(_('Give an object: {"name": "Ada"}.'))
        return sample

    def clean_source(self) -> str:
        if len(source := self.cleaned_data["source"]) > MAX_BODY:
            raise forms.ValidationError(_("The words are longer than 300,000 characters."))
        return source

    def clean_sender_email(self) -> str:
        return _mailable(self.cleaned_data["sender_email"])

    def clean_reply_to(self) -> str:
        return _mailable(self.cleaned_data["reply_to"])

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors:
            words = {name: told[name] for name in ("subject", "source", "text")}
            try:
                filled(**words, data=told["sample"])
            except BadWriting as error:
                self.add_error(None, str(error))
        return told


def _mailable(email: str) -> str:
    try:
        return checked_address(email) if email else ""
    except BadHeader:
        raise forms.ValidationError(_("Mail cannot be sent with this address.")) from None
