"""The content security policy every answer carries unless it sets its own: nothing inline, nothing from elsewhere."""

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; font-src 'self' data:; "
    "connect-src 'self'; frame-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
EMBEDDABLE = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
