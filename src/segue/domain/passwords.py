"""Which passwords are taken: long ones that are not what everybody tries first (reliability.md §8).

No rule asks for digits or signs: length is what counts. What is refused is made of common words, rows of keys, repeats, or of the names of
the person, the workspace and the product, with whatever digits and signs stand before, behind and in place of letters.
"""

import re
import unicodedata
from collections.abc import Iterable

from segue.domain.errors import Invalid

SHORTEST, LONGEST = 12, 256

_COMMON = frozenset(
    """
    password passwort passwd pass word kennwort motdepasse contrasena senha wachtwoord haslo parola salasana losenord jelszo
    welcome willkommen bienvenue bienvenido changeme change me please default secret geheim letmein let in login logon signin admin
    administrator root user guest test testing demo sample temp temporary master super system server company business office sales
    iloveyou love lovely loveyou forever baby babygirl princess prinzessin sunshine sonnenschein angel flower rainbow butterfly
    football fussball soccer baseball basketball hockey liverpool arsenal chelsea barcelona madrid juventus bayern dragon monkey shadow
    superman batman spiderman pokemon starwars matrix ninja hunter killer pepper cookie chocolate schokolade coffee kaffee summer winter
    spring autumn sommer herbst fruehling january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday michael jennifer jessica daniel thomas andreas charlie jordan ashley michelle
    computer internet google facebook microsoft windows apple samsung hello hallo bonjour hola trustno one two three four five six seven
    eight nine ten zero hundred thousand abc abcd abcdef the this that is my your our mypassword nothing whatever money dollar success
    freedom blink asdf qwerty qwertz azerty correct horse battery staple
    """.split()  # noqa: SIM905  a list of words is read as words
)
_ROWS = (
    "1234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv",
)
_INSTEAD = str.maketrans("013457@$!€", "oieastasie")


def check_password(password: str, *, about: Iterable[str] = ()) -> str:
    """Return the password in the form that is hashed (NFKC). `about` are the names of person and workspace: no password is made of them.

    Raises:
        Invalid: too short, too long, or among the first that anybody would try. The password itself is never repeated.
    """
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < SHORTEST:
        raise Invalid(
            f"The password is shorter than {SHORTEST} characters.", hint="Four or five words in a row are easy.", field="password"
        )
    if len(normal) > LONGEST:
        raise Invalid(f"The password is longer than {LONGEST} characters.", hint="Take a shorter one.", field="password")
    names = {part for name in about for part in re.split(r"[^\w]+|_", _plain(name)) if len(part) > 2} | {"segue"}
    if _is_guessable(_plain(normal), names):
        raise Invalid(
            "This password is among the first that anybody would try.",
            hint="Take words that have nothing to do with each other.",
            field="password",
        )
    return normal


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _is_guessable(plain: str, names: set[str]) -> bool:
    return len(set(plain)) < 5 or any(_is_made_of(form, names) for form in (plain, plain.translate(_INSTEAD)))


def _is_made_of(text: str, names: set[str]) -> bool:
    """Say whether nothing but common words, names, rows of keys, repeats and digits is in a text, or next to nothing."""
    words = sorted(_COMMON | names, key=len, reverse=True)
    left = text
    for word in words:
        if len(word) > 2:
            left = left.replace(word, " ")
    left = re.sub(r"(.{1,4}?)\1{2,}", " ", left)
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for size in range(len(row), 2, -1):
            for start in range(len(row) - size + 1):
                left = left.replace(row[start : start + size], " ")
    return len(re.sub(r"[\W\d_]+", "", left)) < 4
