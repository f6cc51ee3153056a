"""Pages of pictures: the ones there are, adding one, and the public address mails show them from."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from baton.marketing.drafting import pictures
from baton.marketing.drafting.drawing import MAX_BYTES, BadPicture
from baton.marketing.drafting.models import Picture
from baton.platform.accounts.access import Request, may, public
from baton.platform.files import open_file
from baton.platform.tokens import holder_of


@may("marketing.view")
def picture_list(request: Request) -> HttpResponse:
    """The pictures for emails, the newest first."""
    return render(request, "marketing/drafting/pictures.html", {"pictures": pictures.offered_pictures()})


@require_POST
@may("marketing.change")
def add_picture(request: Request) -> HttpResponse:
    """POST: a picture comes in; the editor asks for JSON: {"src", "alt", "name"} or {"error"}."""
    sent = request.FILES.get("picture")
    is_asked_by_script = "application/json" in request.headers.get("Accept", "")
    try:
        if sent is None:
            raise BadPicture(_("Choose a picture first."))
        raw = sent.read(MAX_BYTES + 1)
        made = pictures.add_picture(
            raw, name=sent.name or "", alt=request.POST.get("alt", ""), actor=request.user, now=timezone.now()
        )
    except BadPicture as refusal:
        if is_asked_by_script:
            return JsonResponse({"error": str(refusal)}, status=422)
        messages.error(request, str(refusal))
        return redirect("pictures")
    if is_asked_by_script:
        return JsonResponse(told(made))
    messages.success(request, _("Added. It can be chosen in every email now."))
    return redirect("pictures")


@require_POST
@may("marketing.change")
def describe_picture(request: Request, picture_id: int) -> HttpResponse:
    """POST: what the picture shows, in words."""
    picture = get_object_or_404(Picture, pk=picture_id)
    pictures.describe_picture(picture, request.POST.get("alt", ""), actor=request.user)
    messages.success(request, _("Saved."))
    return redirect("pictures")


@require_POST
@may("marketing.change")
def hide_picture(request: Request, picture_id: int) -> HttpResponse:
    """POST: offer it no more."""
    pictures.hide_picture(get_object_or_404(Picture, pk=picture_id), actor=request.user, now=timezone.now())
    messages.success(request, _("It is offered no more. Mails that show it go on showing it."))
    return redirect("pictures")


@require_safe
@public
def mail_picture(request: HttpRequest, token: str) -> HttpResponse | FileResponse:
    """The picture itself, for everyone who has its address; it never changes, so it may be kept for a year."""
    picture = holder_of(Picture.objects.select_related("file"), token)
    if picture is None:
        raise Http404
    try:
        answer = FileResponse(open_file(picture.file), content_type=picture.file.content_type)
    except FileNotFoundError:
        raise Http404 from None
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def told(picture: Picture) -> dict[str, str | int]:
    """A picture as the editor knows it."""
    return {"src": picture.address, "alt": picture.alt, "name": picture.name, "width": picture.width,
            "height": picture.height}  # fmt: skip
