"""Pictures: drawn anew, stripped, bounded, and shown to everyone who has the address."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from baton.marketing.drafting.drawing import BadPicture, drawn_anew
from baton.marketing.drafting.models import Picture
from tests.cast import a_user


def a_picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else (0, 128, 128, 90)).save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (a_picture(), "image/png"),
        (a_picture("JPEG"), "image/jpeg"),
        (a_picture("GIF"), "image/png"),
        (a_picture("WEBP"), "image/jpeg"),
        (a_picture("WEBP", mode="RGBA"), "image/png"),
    ],
)
def test_a_picture_comes_out_as_what_mail_programs_draw(raw: bytes, content_type: str) -> None:
    drawn = drawn_anew(raw)
    assert (drawn.content_type, drawn.width, drawn.height) == (content_type, 40, 20)
    assert Image.open(io.BytesIO(drawn.raw)).size == (40, 20)


def test_place_and_camera_are_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6  # maker; turned by 90 degrees
    raw = a_picture("JPEG", exif=exif.tobytes(), comment=b"secret words")
    assert b"SecretCamera" in raw
    drawn = drawn_anew(raw)
    assert b"Secret" not in drawn.raw
    assert b"secret words" not in drawn.raw
    assert (drawn.width, drawn.height) == (20, 40)


def test_a_wide_picture_is_made_as_wide_as_a_mail_needs() -> None:
    drawn = drawn_anew(a_picture(size=(3000, 1500)))
    assert (drawn.width, drawn.height) == (1200, 600)


def test_a_moving_picture_goes_on_moving() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    drawn = drawn_anew(out.getvalue())
    assert drawn.content_type == "image/gif"
    assert getattr(Image.open(io.BytesIO(drawn.raw)), "n_frames", 1) == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a<script>alert(1)</script>",
        a_picture()[:50],
        a_picture("BMP"),
        a_picture(size=(9000, 9000)),
        b"x" * 10_000_001,
    ],
)
def test_what_is_no_fit_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(BadPicture):
        drawn_anew(raw)


@pytest.mark.django_db
def test_a_picture_is_added_chosen_shown_to_strangers_and_hidden(client: Client, tmp_path, settings) -> None:
    settings.BATON_HOME = tmp_path
    client.force_login(a_user("marketer"))
    sent = SimpleUploadedFile("logo.png", a_picture(), content_type="text/html")
    told = client.post(
        "/emails/pictures/add/", {"picture": sent, "alt": "Our sign"}, headers={"Accept": "application/json"}
    )
    assert told.json()["alt"] == "Our sign"
    picture = Picture.objects.get()
    assert told.json()["src"].endswith(f"/i/{picture.token}")
    assert "Our sign" in client.get("/emails/pictures/").content.decode()
    answer = Client().get(f"/i/{picture.token}")
    assert answer["Content-Type"] == "image/png"
    assert "immutable" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content)[:4] == b"\x89PNG"
    client.post(f"/emails/pictures/{picture.pk}/describe/", {"alt": "A ship"})
    client.post(f"/emails/pictures/{picture.pk}/hide/")
    assert "A ship" not in client.get("/emails/pictures/").content.decode()
    hidden = Client().get(f"/i/{picture.token}")
    assert hidden.status_code == 200
    hidden.close()


@pytest.mark.django_db
def test_what_is_no_picture_is_refused_in_words(client: Client, tmp_path, settings) -> None:
    settings.BATON_HOME = tmp_path
    client.force_login(a_user("marketer"))
    sent = SimpleUploadedFile("logo.png", b"<script>", content_type="image/png")
    answer = client.post("/emails/pictures/add/", {"picture": sent}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "no picture" in answer.json()["error"]
    assert "Choose a picture first" in client.post("/emails/pictures/add/", follow=True).content.decode()
    assert not Picture.objects.exists()
