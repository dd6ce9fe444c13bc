"""Subjects and sentences of automatic answers, per language (MAIL-74)."""

from segue.domain.inbound.phrases import folded

SUBJECT_STARTS = folded(
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
    """,
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
    """,
    """
    # Swedish
    autosvar
    automatiskt svar
    automatsvar
    frånvaromeddelande
    ej på kontoret
    inte på kontoret
    # Norwegian
    automatisk svar
    fraværsmelding
    ikke på kontoret
    ute av kontoret
    # Danish
    fraværsbesked
    fraværsmeddelelse
    jeg er ikke på kontoret
    # Finnish, Estonian
    automaattinen vastaus
    automaattivastaus
    poissa toimistosta
    poissaoloviesti
    poissaoloilmoitus
    automaatvastus
    kontorist väljas
    # Latvian, Lithuanian, Icelandic
    automātiskā atbilde
    automātiska atbilde
    automatinis atsakymas
    automatinis atsakas
    nesu biure
    sjálfvirkt svar
    # Polish
    odpowiedź automatyczna
    automatyczna odpowiedź
    autoodpowiedź
    auto odpowiedź
    poza biurem
    jestem poza biurem
    # Czech, Slovak
    automatická odpověď
    automatická odpoveď
    automatická odp
    mimo kanceláriu
    nejsem v kanceláři
    jsem mimo kancelář
    # Hungarian
    automatikus válasz
    házon kívül
    házon kívüli
    irodán kívül
    irodán kívüli
    # Romanian, Moldovan
    răspuns automat
    în afara biroului
    absent din birou
    # Slovenian, Croatian, Bosnian, Serbian, Macedonian, Albanian
    samodejni odgovor
    avtomatski odgovor
    automatski odgovor
    izvan ureda
    аутоматски одговор
    автоматски одговор
    përgjigje automatike
    jashtë zyrës
    # Turkish, Azerbaijani
    otomatik yanıt
    otomatik cevap
    ofis dışında
    ofis dışı
    ofis dışındayım
    iş yeri dışında
    işyeri dışında
    avtomatik cavab
    # Greek
    αυτόματη απάντηση
    αυτοματοποιημένη απάντηση
    εκτός γραφείου
    # Maltese, Irish, Welsh
    tweġiba awtomatika
    freagra uathoibríoch
    ymateb awtomatig
    """,
    """
    # Russian, Ukrainian, Belarusian, Bulgarian, Kazakh
    автоматический ответ
    автоответ
    автоответчик
    отсутствие на рабочем месте
    вне офиса
    нахожусь в отпуске
    автоматична відповідь
    автовідповідь
    поза офісом
    аўтаматычны адказ
    автоматичен отговор
    извън офиса
    автоматты жауап
    # Hebrew, Arabic, Persian, Urdu
    תשובה אוטומטית
    מענה אוטומטי
    מחוץ למשרד
    رد تلقائي
    الرد التلقائي
    رد آلي
    خارج المكتب
    پاسخ خودکار
    خارج از دفتر
    خودکار جواب
    # Japanese
    自動応答
    自動返信
    自動回答
    不在通知
    不在のお知らせ
    休暇のお知らせ
    【自動返信】
    【自動応答】
    [自動返信]
    [自動応答]
    【不在】
    # Chinese
    自动答复
    自动回复
    自动回覆
    自動回覆
    自動回復
    自動答覆
    自動回應
    不在办公室
    不在辦公室
    休假通知
    【自动回复】
    # Korean
    자동 회신
    자동회신
    자동 응답
    자동응답
    자동 답장
    부재중
    부재 중
    [자동응답]
    [자동회신]
    # Hindi, Thai, Vietnamese, Indonesian, Malay, Filipino
    स्वचालित उत्तर
    स्वचालित जवाब
    कार्यालय से बाहर
    ตอบกลับอัตโนมัติ
    การตอบกลับอัตโนมัติ
    ตอบรับอัตโนมัติ
    ไม่อยู่ที่สำนักงาน
    ไม่อยู่ที่ทำงาน
    trả lời tự động
    thư trả lời tự động
    ngoài văn phòng
    balasan otomatis
    jawaban otomatis
    di luar kantor
    balasan automatik
    di luar pejabat
    awtomatikong tugon
    """,
)
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
