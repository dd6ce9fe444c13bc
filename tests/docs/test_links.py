"""Links between the documents lead somewhere, also to the heading they name."""

import re

from architecture.tree import ROOT, all_files

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def pages():
    return [name for name in all_files() if name.endswith(".md")]


def anchors(text):
    """Return the names that GitHub and GitLab give to headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(FENCE.sub("", text))}


def broken(page):
    for link in LINK.findall(FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists():
            yield f"{page}: {link}: there is no such file"
        elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield f"{page}: {link}: there is no such heading"


def test_every_link_leads_somewhere():
    strays = [stray for page in pages() for stray in broken(page)]
    assert not strays, "\n".join(strays)


def test_every_recipe_can_be_found_from_the_front_page():
    """A page that nothing links to is a page that nobody reads."""
    linked = {
        str(((ROOT / page).parent / link.partition("#")[0]).resolve().relative_to(ROOT))
        for page in pages()
        for link in LINK.findall((ROOT / page).read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:|#", link)
    }
    alone = [page for page in pages() if page.startswith(("docs/howto/", "docs/operate/")) and page not in linked]
    assert not alone, "\n".join(alone)


def test_records_of_decisions_stay_short_and_say_when_they_are_broken():
    records = [name for name in pages() if name.startswith("docs/adr/0")]
    assert len(records) >= 19
    for name in records:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40, name
        assert text.startswith(f"# {int(name.removeprefix('docs/adr/')[:4])}. "), name
        assert "**Decision.**" in text, name
        assert "**A change violates this when**" in text, name
