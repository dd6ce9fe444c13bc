"""Sentences of automatic answers: away, gone for good, received, and challenges (MAIL-74, MAIL-75)."""

from segue.domain.inbound.phrases import folded

AWAY = folded(
    """
    # English
    out of the office
    out of office
    out-of-office
    out of my office
    away from the office
    away from my office
    away from my desk
    away from my email
    away from my mail
    away from work
    not in the office
    not be in the office
    absent from the office
    currently away
    currently out
    currently unavailable
    currently on leave
    currently on vacation
    currently on holiday
    currently travel
    i am away
    i'm away
    i will be away
    i'll be away
    i am on vacation
    i'm on vacation
    i am on holiday
    i'm on holiday
    i am on leave
    i'm on leave
    i am on annual leave
    i'm on annual leave
    i am on maternity
    i'm on maternity
    i am on parental
    on parental leave
    on maternity leave
    on paternity leave
    on sick leave
    on medical leave
    on annual leave
    on sabbatical
    on business trip
    on a business trip
    i will be out
    i'll be out
    i am out
    i'm out
    i am travelling
    i am traveling
    i'm travelling
    i'm traveling
    i will be on vacation
    i will be on leave
    i will be on holiday
    will be back
    i will return
    i'll return
    i'll be back
    when i return
    upon my return
    on my return
    limited access to email
    limited access to my email
    limited access to e-mail
    limited email access
    intermittent access
    no access to email
    without access to email
    not have access to email
    not checking email
    won't be checking
    will not be checking
    office is closed
    offices are closed
    office will be closed
    we are closed
    respond when i return
    reply when i return
    out until
    """,
    """
    # German
    nicht im büro
    nicht im haus
    außer haus
    ausser haus
    im urlaub
    bin abwesend
    ich bin derzeit nicht
    ich bin zurzeit nicht
    ich bin momentan nicht
    ich bin vom
    ich bin bis
    ab dem
    wieder erreichbar
    wieder im büro
    wieder für sie da
    wieder zurück
    nicht erreichbar
    abwesend
    elternzeit
    mutterschutz
    wird nicht weitergeleitet
    nicht automatisch weitergeleitet
    nicht weitergeleitet
    # French
    absent du bureau
    absente du bureau
    je suis absent
    je suis actuellement absent
    actuellement absent
    je serai absent
    actuellement en congé
    en congé
    en vacances
    de retour le
    mon retour
    absente
    je ne suis pas au bureau
    hors du bureau
    # Spanish, Catalan, Portuguese
    fuera de la oficina
    fuera de mi oficina
    me encuentro fuera
    estoy de vacaciones
    estaré de vacaciones
    de vacaciones
    estaré ausente
    me encuentro ausente
    de baja
    a mi regreso
    a mi vuelta
    estaré de vuelta
    fora de l'oficina
    de vacances
    fora do escritório
    de férias
    estarei ausente
    estou ausente
    encontro-me ausente
    ausente do
    meu regresso
    meu retorno
    # Italian
    fuori ufficio
    fuori sede
    sono assente
    sarò assente
    sarò fuori
    assente dall'ufficio
    in ferie
    in vacanza
    al mio rientro
    sarò di ritorno
    rientrerò
    # Dutch
    niet op kantoor
    niet aanwezig
    afwezig
    met vakantie
    op vakantie
    met verlof
    buiten kantoor
    niet bereikbaar
    weer bereikbaar
    weer aanwezig
    ben ik weer
    # Swedish, Norwegian, Danish
    på semester
    har semester
    inte på kontoret
    inte på plats
    tjänstledig
    föräldraledig
    åter på kontoret
    tillbaka på
    är tillbaka
    åter den
    på ferie
    har ferie
    holder ferie
    ikke på kontoret
    ikke til stede
    ikke tilstede
    tilbake på
    er tilbake
    tilbage på
    er tilbage
    barsel
    permisjon
    # Finnish, Estonian, Latvian, Lithuanian
    olen lomalla
    lomalla
    poissa toimistolta
    olen poissa
    en ole tavoitettavissa
    palaan
    puhkusel
    kontorist väljas
    atvaļinājumā
    prombūtnē
    atostogauju
    atostogose
    nesu biure
    """,
    """
    # Polish, Czech, Slovak, Hungarian, Romanian
    poza biurem
    na urlopie
    jestem nieobecn
    nieobecny
    nieobecna
    mimo kancelář
    na dovolené
    nejsem v kanceláři
    nepřítomen
    nepřítomna
    mimo kancelárie
    na dovolenke
    som mimo
    szabadságon
    házon kívül
    nem vagyok elérhető
    nem tartózkodom
    nem vagyok az irodában
    în concediu
    în afara biroului
    lipsesc din birou
    # Slovenian, Croatian, Serbian
    na dopustu
    odsoten
    odsotna
    na godišnjem
    izvan ureda
    odsutan
    odsutna
    na odmoru
    на одмору
    # Russian, Ukrainian, Bulgarian, Greek, Turkish
    в отпуске
    не в офисе
    вне офиса
    отсутствую
    буду отсутствовать
    нахожусь в командировке
    в командировке
    выйду на работу
    вернусь
    у відпустці
    поза офісом
    відсутній
    відсутня
    извън офиса
    в отпуск
    отсъствам
    εκτός γραφείου
    σε άδεια
    απουσιάζω
    ofis dışında
    izindeyim
    yıllık izinde
    tatildeyim
    ofiste değilim
    # Hebrew, Arabic, Persian
    מחוץ למשרד
    בחופשה
    אני בחופש
    אחזור
    خارج المكتب
    في إجازة
    خارج از دفتر
    در مرخصی
    # Japanese, Chinese, Korean
    不在にして
    不在です
    不在となり
    不在の
    休暇を
    休暇中
    休暇の
    お休みを
    休業
    出張中
    外出して
    不在办公室
    不在辦公室
    休假
    正在度假
    出差
    外出
    年假
    부재중
    부재 중
    휴가
    자리를 비
    출장 중
    # Hindi, Thai, Vietnamese, Indonesian
    कार्यालय से बाहर
    ไม่อยู่ที่สำนักงาน
    ลาพักร้อน
    không có mặt
    nghỉ phép
    vắng mặt
    di luar kantor
    sedang cuti
    di luar pejabat
    bercuti
    """,
)
"""Said of oneself in the first lines of an automatic answer."""
