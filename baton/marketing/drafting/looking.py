"""How others would see a mail: without pictures, or in a mail program that turns its colours dark."""

from __future__ import annotations

# A page in a frame may be given by the editor, which cannot send headers with it; so it brings its policy along.
POLICY = "default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; font-src *"
# Roughly what programs do that turn colours round by themselves (Gmail and Outlook on phones): light becomes dark, hues
# stay, pictures stay. Each does it in its own way, so this shows what may happen, not what will.
_DARK = (
    "html{filter:invert(1) hue-rotate(180deg);background:#fff!important}img,video{filter:invert(1) hue-rotate(180deg)}"
)


def seen(page: str, *, is_dark: bool, has_pictures: bool) -> str:
    """The HTML of a mail with what changes how it is seen in its head; never for sending."""
    policy = POLICY.format(pictures="* data:" if has_pictures else "'none'")
    added = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    if is_dark:
        added += f"<style>{_DARK}</style>"
    if "<head>" in page:
        return page.replace("<head>", f"<head>{added}", 1)
    return added + page
