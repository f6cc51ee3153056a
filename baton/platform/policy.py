"""The content security policy every answer carries unless it sets its own: nothing inline, nothing from elsewhere."""

from urllib.parse import urlsplit

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; font-src 'self' data:; "
    "connect-src 'self'; frame-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
EMBEDDABLE = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")


def going_on(policy: str, address: str) -> str:
    """The policy with leave for the page's form to end up at another place: browsers ask for it also on a redirect."""
    place = urlsplit(address)
    return policy.replace("form-action 'self'", f"form-action 'self' {place.scheme}://{place.netloc}")
