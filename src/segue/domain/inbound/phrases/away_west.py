"""Beginnings of subjects that only machines write: English and the languages of Western Europe (MAIL-74)."""

from segue.domain.inbound.phrases import folded

ENGLISH = folded(
    """
    # English
    automatic reply
    automatic response
    automatic answer
    automated reply
    automated response
    automated answer
    automatic email reply
    auto reply
    auto-reply
    autoreply
    auto response
    auto-response
    autoresponse
    auto-responder
    autoresponder
    auto responder
    auto answer
    auto-answer
    auto re:
    auto-re:
    [auto-reply]
    [autoreply]
    [auto reply]
    [auto]
    [automatic reply]
    (auto-reply)
    (automatic reply)
    *auto-reply
    *autoreply
    ** auto-reply
    out of office
    out-of-office
    out of the office
    out of my office
    out-of-the-office
    i am out of the office
    i'm out of the office
    i am out of office
    i'm out of office
    i am currently out
    i'm currently out
    i will be out of
    i'll be out of
    currently out of
    ooo:
    ooo -
    [ooo]
    away from my mail
    away from the office
    away from office
    away from my desk
    away from email
    absence notice
    absence notification
    absent from the office
    not in the office
    vacation message
    vacation reply
    vacation response
    vacation notice
    vacation auto
    """
)

WESTERN = folded(
    """
    # German
    automatische antwort
    automatische rückmeldung
    automatische abwesenheit
    automatisch generierte antwort
    abwesenheitsnotiz
    abwesenheitsmeldung
    abwesenheitsbenachrichtigung
    abwesenheitsnachricht
    abwesenheitsassistent
    abwesenheitsagent
    abwesenheitshinweis
    abwesenheitsinfo
    ich bin abwesend
    ich bin nicht im büro
    urlaubsmeldung
    urlaubsabwesenheit
    urlaubsbenachrichtigung
    autoantwort
    auto-antwort
    # French
    réponse automatique
    reponse auto
    réponse d'absence
    message d'absence
    absence du bureau
    absent du bureau
    absence temporaire
    notification d'absence
    avis d'absence
    gestionnaire d'absence
    # Spanish
    respuesta automática
    contestación automática
    respuesta automatizada
    fuera de la oficina
    fuera de oficina
    ausencia de la oficina
    ausente de la oficina
    estoy fuera de la oficina
    autorespuesta
    auto-respuesta
    # Catalan, Galician, Basque
    resposta automàtica
    fora de l'oficina
    resposta automática
    fóra da oficina
    erantzun automatikoa
    bulegotik kanpo
    # Portuguese
    resposta automatica
    resposta automática
    fora do escritório
    ausência do escritório
    ausente do escritório
    notificação de ausência
    auto-resposta
    # Italian
    risposta automatica
    fuori sede
    fuori ufficio
    fuori dall'ufficio
    assenza dall'ufficio
    sono fuori ufficio
    risponditore automatico
    avviso di assenza
    notifica di assenza
    # Dutch
    automatisch antwoord
    automatische beantwoording
    automatische afwezigheid
    afwezigheidsbericht
    afwezigheidsmelding
    niet op kantoor
    ik ben niet op kantoor
    buiten kantoor
    """
)
