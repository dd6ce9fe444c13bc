"""The pages that contacts see: one small file each, no script, nothing loaded from elsewhere, fit for any screen, light and dark."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root{color-scheme:light dark;--page:#f4f3ef;--card:#fff;--ink:#1d2321;--soft:#5b6562;--line:#dcdad2;--act:#0b5d4b;--act-ink:#fff;
--ring:#0b5d4b}
@media(prefers-color-scheme:dark){:root{--page:#141816;--card:#1d2321;--ink:#eef1ef;--soft:#a8b3af;--line:#39423f;
--act:#7fd6bd;--act-ink:#0c1f1a;--ring:#7fd6bd}}
*{box-sizing:border-box}
html{font:100%/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:grid;place-items:center;padding:1.25rem;background:var(--page);color:var(--ink)}
main{width:100%;max-width:30rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:2rem 1.75rem}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;text-wrap:balance;overflow-wrap:anywhere}
p{margin:0 0 1rem;color:var(--soft);overflow-wrap:anywhere}
p:last-child{margin-bottom:0}
strong{color:var(--ink);font-weight:600}
form{margin:1.5rem 0 0;display:grid;gap:.75rem}
button{font:inherit;font-weight:600;width:100%;
min-height:3rem;padding:.7rem 1rem;border-radius:.6rem;border:1px solid transparent;cursor:pointer}
button.first{background:var(--act);color:var(--act-ink)}
button.second{background:transparent;color:var(--ink);border-color:var(--soft)}
button:hover{filter:brightness(1.08)}
button:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
small{display:block;margin-top:1.25rem;font-size:.875rem;color:var(--soft)}
@media(forced-colors:active){button,main{border:1px solid ButtonText}}
"""

POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def page(title: str, *parts: str, status: int = 200) -> HTMLResponse:
    """Return a page. `title` is text, `parts` are HTML whose values are escaped already."""
    shown = escape(title)
    body = "\n".join(parts)
    html = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport"'
        ' content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n<title>{shown}</title>\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n<main>\n<h1>{shown}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": POLICY})


def paragraph(text: str, *, strong: str = "") -> str:
    """Return a paragraph of text; `strong` is shown in place of the one `{}` in it."""
    before, mark, after = text.partition("{}")
    return f"<p>{escape(before)}{f'<strong>{escape(strong)}</strong>' if mark else ''}{escape(after)}</p>"
