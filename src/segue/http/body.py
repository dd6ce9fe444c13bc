"""The fields of a small form, however it is sent: urlencoded, or in parts as RFC 8058 allows."""

from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl

from starlette.requests import Request

FIELDS_MAX = 20


async def form_fields(request: Request) -> dict[str, str]:
    """Return the fields of the request's body; what is no form has none. Its size is limited by `Surround`."""
    return read_fields(await request.body(), request.headers.get("content-type", ""))


def read_fields(body: bytes, content_type: str) -> dict[str, str]:
    """Return the fields of a form. Any bytes in; never raises."""
    if content_type.lower().startswith("multipart/form-data"):
        return _parts(body, content_type)
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX))
    except ValueError:
        return {}


def _parts(body: bytes, content_type: str) -> dict[str, str]:
    head = b"Content-Type: " + content_type.encode("latin-1", "replace").replace(b"\r", b"").replace(b"\n", b"") + b"\r\n\r\n"
    found = {}
    try:
        for part in message_from_bytes(head + body).walk():
            name = part.get_param("name", header="content-disposition")
            if isinstance(name, str):
                found[name] = _text(part)
    except (ValueError, LookupError, TypeError, AttributeError):  # the standard parser raises on hostile input
        return {}
    return found


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace").strip() if isinstance(content, bytes) else ""
