"""Reply and forward prefixes of subjects, per language. A subject that begins with one was written by a person (MAIL-74)."""

import re

from segue.domain.inbound.phrases import folded

REPLY = folded(
    """
    re
    r
    aw
    antw
    antwort
    sv
    vs
    odp
    odpověď
    res
    resp
    rif
    ref
    ynt
    yan
    cevap
    vá
    válasz
    ats
    atb
    hà
    απ
    σχετ
    ha
    на
    отв
    ответ
    відп
    відповідь
    bls
    balas
    trả lời
    tl
    回复
    回覆
    答复
    答覆
    返信
    返信先
    답장
    회신
    رد
    پاسخ
    תשובה
    השב
    ตอบ
    réf
    rép
    antwoord
    svar
    vastaus
    respuesta
    risposta
    resposta
    odgovor
    răspuns
    отговор
    """
)
FORWARD = folded(
    """
    fw
    fwd
    wg
    weitergeleitet
    tr
    rv
    enc
    i
    doorst
    vb
    vl
    vs
    pd
    podaj dalej
    přep
    přeposláno
    továbbítás
    tovabb
    πρθ
    пер
    пересл
    переслать
    ilt
    i̇lt
    yönlendirilen
    转发
    轉寄
    轉發
    転送
    전달
    إعادة توجيه
    הועבר
    ส่งต่อ
    chuyển tiếp
    tusk
    edastatud
    réexp
    inoltro
    reenviado
    encaminhado
    videresendt
    vidarebefordrat
    redirecționat
    forward
    forwarded
    """
)


def _start(prefixes: set[str]) -> re.Pattern[str]:
    one = "|".join(re.escape(p) for p in sorted(prefixes, key=len, reverse=True))
    return re.compile(
        rf"\s{{0,10}}(?:\[[^\]\[]{{0,60}}\]\s{{0,5}}){{0,3}}(?:{one})\s{{0,3}}"
        rf"(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\^\d{{1,3}}|\*\d)?\s{{0,3}}[:：]",
        re.IGNORECASE,
    )


START = _start({*REPLY, *FORWARD})
"""At the start of a folded subject."""
FORWARDED = _start(set(FORWARD) - set(REPLY))
"""Only what people pass on: no mail system begins a notice so."""
