"""What a person types of an email."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.campaigns.models import Campaign
from baton.marketing.email import designs, writing
from baton.marketing.email.models import Broadcast
from baton.marketing.segments.models import Segment
from baton.people.consent.models import ConsentTopic
from baton.platform.forms import offer
from baton.platform.mail.splice import BadHeader, checked_address


class EmailForm(forms.ModelForm):
    """The draft: envelope, audience where it is of no journey, and the template's fields or the MJML source."""

    segments = forms.ModelMultipleChoiceField(
        Segment.objects.none(), required=False, label=gettext_lazy("Audience"), widget=forms.CheckboxSelectMultiple
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Broadcast
        fields = ["name", "campaign", "topic", "sender_name", "sender_email", "reply_to", "subject", "preheader",
                  "design", "mjml", "text"]  # fmt: skip
        widgets = {"design": forms.HiddenInput, "mjml": forms.Textarea({"rows": 24, "spellcheck": "false"}),
                   "text": forms.Textarea({"rows": 12})}  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, campaign=Campaign.objects.live().order_by("name"))
        offer(self, topic=ConsentTopic.objects.filter(purpose="marketing").order_by("label"))
        self.fields["topic"].required = False
        self.fields["sender_email"].required = False
        if self.instance.is_of_journey:
            del self.fields["segments"]
            return
        offer(self, segments=Segment.objects.live().order_by("name"))
        if self.instance.pk:
            self.fields["segments"].initial = list(self.instance.segments.values_list("pk", flat=True))

    def clean_sender_email(self) -> str:
        return _mailable(self.cleaned_data["sender_email"])

    def clean_design(self) -> str:
        key = self.cleaned_data["design"]
        if key not in designs.DESIGNS:
            raise forms.ValidationError(_("There is no such template."))
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names = [field.name for field in designs.DESIGNS[cleaned.get("design", "announcement")].fields]
        filled = {name: self.data.get(f"field_{name}", "")[:20_000] for name in names}
        is_own = self.data.get("has_own_source") == "1"
        cleaned["fields"], cleaned["has_own_source"] = filled, is_own
        for name, value in filled.items():
            if name.startswith(("link", "image")) and value and not value.startswith(("http://", "https://", "{{")):
                self.add_error(None, _("An address starts with https://, not “%(value)s”.") % {"value": value[:60]})
        source = cleaned.get("mjml", "") if is_own else designs.source_of(cleaned.get("design", "announcement"), filled)
        try:
            writing.write(subject=cleaned.get("subject", ""), source=source, text=cleaned.get("text", ""), known={})
        except writing.BadWriting as error:
            self.add_error("mjml" if is_own else None, str(error))
        return cleaned

    def audience(self) -> list[Segment]:
        """The segments chosen; none where a journey sends it."""
        return list(self.cleaned_data.get("segments", []))

    def values(self) -> dict[str, Any]:
        """Field values for the action."""
        return {name: self.cleaned_data[name] for name in [*self.Meta.fields, "fields", "has_own_source"]}


def _mailable(email: str) -> str:
    try:
        return checked_address(email) if email else ""
    except BadHeader:
        raise forms.ValidationError(_("Mail cannot be sent from this address.")) from None
