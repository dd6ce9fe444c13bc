"""Subjects and sentences of automatic answers, per language (MAIL-74)."""

from segue.domain.inbound.phrases import folded
from segue.domain.inbound.phrases.away_west import ENGLISH, WESTERN
from segue.domain.inbound.phrases.away_world import NORTH_EAST, WORLD

SUBJECT_STARTS = tuple(dict.fromkeys((*ENGLISH, *WESTERN, *NORTH_EAST, *WORLD)))
"""At the very beginning of the subject, after brackets and decoration, never after a reply or forward prefix."""

SUBJECT_WEAK = folded(
    """
    automated message
    automatically generated
    auto:
    i am away
    i'm away
    i am on vacation
    i'm on vacation
    i am on holiday
    i am on leave
    i am on annual leave
    i will be away
    i'll be away
    currently away
    away message
    no longer with
    no longer at
    no longer working
    on vacation
    on holiday
    on annual leave
    on maternity leave
    on parental leave
    on sick leave
    on leave
    holiday message
    holiday notice
    annual leave
    maternity leave
    parental leave
    office closed
    office closure
    return from vacation
    this is an automated
    this is an automatic
    this is an auto
    thank you for your email
    thank you for your e-mail
    thanks for your email
    thank you for contacting
    thank you for your message
    thanks for contacting
    thank you for your enquiry
    thank you for your inquiry
    we have received your
    we've received your
    your email has been received
    your message has been received
    your request has been received
    your message was received
    acknowledgement of
    receipt of your
    changed email address
    change of email address
    my email address has changed
    new email address
    automatische nachricht
    abwesenheit
    abwesend
    ich bin im urlaub
    ich bin derzeit
    ich bin zur zeit
    ich bin bis
    nicht im büro
    außer haus
    im urlaub
    bin im urlaub
    eingangsbestätigung
    empfangsbestätigung
    message automatique
    absence :
    absence:
    en congé
    je suis absent
    je suis en congé
    je suis en vacances
    je serai absent
    absent(e)
    absente
    absent
    accusé de réception
    en vacances
    mensaje automático
    ausencia temporal
    estoy de vacaciones
    estaré fuera
    de vacaciones
    ausente
    ausencia
    acuse de recibo
    estic fora
    ausência temporária
    ausência
    estou de férias
    estou ausente
    estarei ausente
    de férias
    férias
    mensagem automática
    messaggio automatico
    assenza
    assente
    sono in ferie
    sono assente
    in ferie
    in vacanza
    automatische reactie
    automatische melding
    afwezigheid
    afwezig
    niet aanwezig
    ik ben afwezig
    ik ben met vakantie
    ik ben op vakantie
    met vakantie
    op vakantie
    met verlof
    ontvangstbevestiging
    frånvaro
    frånvarande
    jag är på semester
    jag är inte på
    på semester
    semester
    tjänstledig
    föräldraledig
    fravær
    ikke tilstede
    jeg er på ferie
    på ferie
    ferieavvikling
    automatisk besked
    ikke til stede
    jeg holder ferie
    ferie
    ikke på arbejde
    poissaolo
    poissa
    lomalla
    olen lomalla
    olen poissa
    vuosilomalla
    puhkusel
    viibin puhkusel
    prombūtne
    prombūtnē
    esmu atvaļinājumā
    atvaļinājumā
    atostogos
    atostogauju
    er ekki við
    nieobecność
    nieobecny
    nieobecna
    jestem na urlopie
    urlop
    na urlopie
    mimo kancelář
    nepřítomnost
    nepřítomen
    neprítomnosť
    dovolená
    dovolenka
    na dovolené
    čerpám dovolenou
    automatikus üzenet
    távollét
    távol vagyok
    szabadság
    szabadságon
    concediu
    în concediu
    sunt în concediu
    odsotnost
    odsoten
    odsotna
    automatska poruka
    odsutnost
    na godišnjem odmoru
    godišnji odmor
    odsustvo
    одсуство
    izindeyim
    yıllık izin
    tatildeyim
    απουσία
    άδεια
    σε άδεια
    автоматическое сообщение
    автоматическое уведомление
    отсутствие
    нет на работе
    меня нет
    нет на месте
    я в отпуске
    в отпуске
    отпуск
    відсутність
    у відпустці
    відпустка
    отсъствие
    в отпуск
    отпуска
    הודעה אוטומטית
    היעדרות
    בחופשה
    في إجازة
    不在のため
    外出中
    休暇中
    休業のお知らせ
    夏季休業
    外出
    休假
    年假
    부재
    휴가 중
    휴가중
    휴가
    vắng mặt
    nghỉ phép
    sedang cuti
    cuti tahunan
    """
)
"""At the beginning as well, but people write such subjects too: they count only with a sentence of absence or of a
machine in the first lines."""

SUBJECT_ANYWHERE = folded(
    """
    out of office autoreply
    out of office auto-reply
    out of office auto reply
    out of office reply
    out of office notification
    out of office message
    is out of the office
    is out of office
    is away from
    is on vacation
    is on leave
    is on holiday
    will be out of the office
    will be out of office
    auto-reply
    autoreply
    autoresponse
    autoresponder
    automatic reply
    (out of office)
    [out of office]
    - out of office
    ist nicht im büro
    ist im urlaub
    ist abwesend
    ist außer haus
    wird im urlaub sein
    abwesenheitsnotiz
    est absent
    est en congé
    est en vacances
    está fuera de la oficina
    está de vacaciones
    está ausente
    está de férias
    è assente
    è fuori ufficio
    è in ferie
    is afwezig
    is niet op kantoor
    är inte på kontoret
    är på semester
    er ikke på kontoret
    er på ferie
    jest nieobecny
    jest poza biurem
    自動返信
    自動応答
    自动回复
    自動回覆
    자동회신
    자동 회신
    자동응답
    автоответ
    """
)
"""Anywhere in a subject without reply prefix: "Anna Muster ist nicht im Büro." is how Notes writes it."""
