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
    automated message
    automatically generated
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
    auto:
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
    i am away
    i'm away
    i am on vacation
    i'm on vacation
    i am on holiday
    i am on leave
    i am on annual leave
    i will be out of
    i will be away
    i'll be out of
    i'll be away
    currently out of
    currently away
    ooo:
    ooo -
    [ooo]
    away from my mail
    away from the office
    away from office
    away from my desk
    away from email
    away message
    absence notice
    absence notification
    absent from the office
    not in the office
    no longer with
    no longer at
    no longer working
    vacation message
    vacation reply
    vacation response
    vacation notice
    vacation auto
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
    """,
    """
    # German
    automatische antwort
    automatische rückmeldung
    automatische nachricht
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
    abwesenheit
    abwesend
    ich bin abwesend
    ich bin nicht im büro
    ich bin im urlaub
    ich bin derzeit
    ich bin zur zeit
    ich bin bis
    nicht im büro
    außer haus
    im urlaub
    urlaubsmeldung
    urlaubsabwesenheit
    urlaubsbenachrichtigung
    bin im urlaub
    eingangsbestätigung
    empfangsbestätigung
    autoantwort
    auto-antwort
    # French
    réponse automatique
    reponse auto
    réponse d'absence
    message automatique
    message d'absence
    absence du bureau
    absent du bureau
    absence :
    absence:
    absence temporaire
    notification d'absence
    avis d'absence
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
    gestionnaire d'absence
    # Spanish
    respuesta automática
    contestación automática
    respuesta automatizada
    mensaje automático
    fuera de la oficina
    fuera de oficina
    ausencia de la oficina
    ausente de la oficina
    ausencia temporal
    estoy fuera de la oficina
    estoy de vacaciones
    estaré fuera
    de vacaciones
    ausente
    ausencia
    autorespuesta
    auto-respuesta
    acuse de recibo
    # Catalan, Galician, Basque
    resposta automàtica
    fora de l'oficina
    estic fora
    resposta automática
    fóra da oficina
    erantzun automatikoa
    bulegotik kanpo
    # Portuguese
    resposta automatica
    resposta automática
    fora do escritório
    ausência temporária
    ausência do escritório
    ausência
    ausente do escritório
    estou de férias
    estou ausente
    estarei ausente
    de férias
    férias
    mensagem automática
    notificação de ausência
    auto-resposta
    # Italian
    risposta automatica
    messaggio automatico
    fuori sede
    fuori ufficio
    fuori dall'ufficio
    assenza dall'ufficio
    assenza
    assente
    sono in ferie
    sono fuori ufficio
    sono assente
    in ferie
    in vacanza
    risponditore automatico
    avviso di assenza
    notifica di assenza
    # Dutch
    automatisch antwoord
    automatische beantwoording
    automatische reactie
    automatische afwezigheid
    automatische melding
    afwezigheidsbericht
    afwezigheidsmelding
    afwezigheid
    afwezig
    niet op kantoor
    niet aanwezig
    ik ben afwezig
    ik ben met vakantie
    ik ben op vakantie
    ik ben niet op kantoor
    met vakantie
    op vakantie
    met verlof
    buiten kantoor
    ontvangstbevestiging
    """,
    """
    # Swedish
    autosvar
    automatiskt svar
    automatsvar
    frånvaro
    frånvaromeddelande
    frånvarande
    ej på kontoret
    inte på kontoret
    jag är på semester
    jag är inte på
    på semester
    semester
    tjänstledig
    föräldraledig
    # Norwegian
    automatisk svar
    fravær
    fraværsmelding
    ikke på kontoret
    ikke tilstede
    jeg er på ferie
    på ferie
    ute av kontoret
    ferieavvikling
    # Danish
    fraværsbesked
    fraværsmeddelelse
    automatisk besked
    ikke til stede
    jeg er ikke på kontoret
    jeg holder ferie
    på ferie
    ferie
    ikke på arbejde
    # Finnish, Estonian
    automaattinen vastaus
    automaattivastaus
    poissa toimistosta
    poissaoloviesti
    poissaoloilmoitus
    poissaolo
    poissa
    lomalla
    olen lomalla
    olen poissa
    vuosilomalla
    automaatvastus
    kontorist väljas
    puhkusel
    viibin puhkusel
    # Latvian, Lithuanian, Icelandic
    automātiskā atbilde
    automātiska atbilde
    prombūtne
    prombūtnē
    esmu atvaļinājumā
    atvaļinājumā
    automatinis atsakymas
    automatinis atsakas
    nesu biure
    atostogos
    atostogauju
    sjálfvirkt svar
    er ekki við
    # Polish
    odpowiedź automatyczna
    automatyczna odpowiedź
    autoodpowiedź
    auto odpowiedź
    nieobecność
    nieobecny
    nieobecna
    jestem na urlopie
    poza biurem
    jestem poza biurem
    urlop
    na urlopie
    # Czech, Slovak
    automatická odpověď
    automatická odpoveď
    automatická odp
    mimo kancelář
    mimo kanceláriu
    nepřítomnost
    nepřítomen
    nejsem v kanceláři
    jsem mimo kancelář
    neprítomnosť
    dovolená
    dovolenka
    na dovolené
    čerpám dovolenou
    # Hungarian
    automatikus válasz
    automatikus üzenet
    házon kívül
    házon kívüli
    távollét
    távol vagyok
    szabadság
    szabadságon
    irodán kívül
    irodán kívüli
    # Romanian, Moldovan
    răspuns automat
    în afara biroului
    absent din birou
    concediu
    în concediu
    sunt în concediu
    # Slovenian, Croatian, Bosnian, Serbian, Macedonian, Albanian
    samodejni odgovor
    avtomatski odgovor
    odsotnost
    odsoten
    odsotna
    automatski odgovor
    automatska poruka
    izvan ureda
    odsutnost
    na godišnjem odmoru
    godišnji odmor
    odsustvo
    аутоматски одговор
    одсуство
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
    izindeyim
    yıllık izin
    tatildeyim
    avtomatik cavab
    # Greek
    αυτόματη απάντηση
    αυτοματοποιημένη απάντηση
    εκτός γραφείου
    απουσία
    άδεια
    σε άδεια
    # Maltese, Irish, Welsh
    tweġiba awtomatika
    freagra uathoibríoch
    ymateb awtomatig
    """,
    """
    # Russian, Ukrainian, Belarusian, Bulgarian, Kazakh
    автоматический ответ
    автоматическое сообщение
    автоматическое уведомление
    автоответ
    автоответчик
    отсутствие на рабочем месте
    отсутствие
    вне офиса
    нет на работе
    меня нет
    нет на месте
    я в отпуске
    нахожусь в отпуске
    в отпуске
    отпуск
    автоматична відповідь
    автовідповідь
    поза офісом
    відсутність
    у відпустці
    відпустка
    аўтаматычны адказ
    автоматичен отговор
    извън офиса
    отсъствие
    в отпуск
    отпуска
    автоматты жауап
    # Hebrew, Arabic, Persian, Urdu
    תשובה אוטומטית
    מענה אוטומטי
    הודעה אוטומטית
    מחוץ למשרד
    היעדרות
    בחופשה
    رد تلقائي
    الرد التلقائي
    رد آلي
    خارج المكتب
    في إجازة
    پاسخ خودکار
    خارج از دفتر
    خودکار جواب
    # Japanese
    自動応答
    自動返信
    自動回答
    不在通知
    不在のお知らせ
    不在のため
    外出中
    休暇中
    休暇のお知らせ
    休業のお知らせ
    【自動返信】
    【自動応答】
    [自動返信]
    [自動応答]
    【不在】
    夏季休業
    # Chinese
    自动答复
    自动回复
    自动回覆
    自動回覆
    自動回復
    自動答覆
    自動回應
    外出
    不在办公室
    不在辦公室
    休假
    年假
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
    부재
    휴가 중
    휴가중
    휴가
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
    vắng mặt
    ngoài văn phòng
    nghỉ phép
    balasan otomatis
    jawaban otomatis
    di luar kantor
    sedang cuti
    cuti tahunan
    balasan automatik
    di luar pejabat
    awtomatikong tugon
    """,
)
"""At the very beginning of the subject, after brackets and decoration, never after a reply or forward prefix."""

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
