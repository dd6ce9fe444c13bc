"""Words before or after a date that say what the date means: the first day back, or the last day away (MAIL-76)."""

from segue.domain.inbound.phrases import folded

BACK = folded(
    """
    back
    return
    returning
    available again
    available from
    available on
    again available
    reachable again
    resume
    be in the office on
    be in the office from
    in the office again
    in office on
    rejoin
    reopen
    re-open
    open again
    be open
    wieder geöffnet
    rouvr
    réouverture
    reabrir
    reabrimos
    riapr
    heropen
    me incorporaré
    me incorporo
    as of
    starting from
    zurück
    zurückkehren
    wieder
    rückkehr
    ab dem
    erst ab
    erreichen sie mich ab
    retour
    reviens
    reviendrai
    rentre
    rentrerai
    reprise
    reprendrai
    à nouveau
    joignable à partir
    joignable dès
    dès le
    à partir du
    vuelta
    vuelvo
    volveré
    regreso
    regresaré
    regresando
    retorno
    reincorpor
    de nuevo
    nuevamente
    a partir del
    torno
    tornaré
    regresso
    regressarei
    retornarei
    retornando
    retomarei
    volto
    voltarei
    de volta
    a partir de
    ritorno
    rientro
    rientrerò
    tornerò
    torno
    di nuovo
    nuovamente
    a partire dal
    dal giorno
    terug
    weer
    vanaf
    opnieuw
    tillbaka
    åter
    återkommer
    är jag på plats
    tilbake
    tilbage
    igjen
    igen
    fra og med
    palaan
    takaisin
    jälleen
    alkaen
    paluu
    tagasi
    naasen
    atgriezīšos
    atpakaļ
    grįšiu
    grįžtu
    wracam
    wrócę
    powrót
    powracam
    z powrotem
    ponownie
    będę dostępn
    będę w biurze
    vrátím
    vracím
    zpět
    opět
    návrat
    k dispozici od
    vrátim
    späť
    opäť
    vissza
    visszatér
    újra
    elérhető leszek
    legközelebb
    mă întorc
    voi reveni
    revin
    mă voi întoarce
    înapoi
    natrag
    ponovno
    vraćam
    vračam
    nazaj
    spet
    поново
    враћам
    вернусь
    вернуться
    возвращаюсь
    выйду
    выхожу
    приступлю
    снова
    буду на рабочем месте
    буду на месте
    буду доступ
    повернусь
    повертаюсь
    знову
    връщам
    отново
    επιστρ
    πίσω
    ξανά
    döneceğim
    dönüş
    döneceg
    tekrar
    geri
    işbaşı
    אחזור
    אשוב
    חוזר
    בחזרה
    سأعود
    العودة
    أعود
    بازگشت
    戻り
    戻る
    出社
    復帰
    出勤
    再開
    帰社
    以降に
    以降、
    回来
    返回
    回到
    回覆您
    回復上班
    恢复上班
    上班
    복귀
    돌아
    출근
    กลับ
    trở lại
    quay lại
    kembali
    """
)

UNTIL = folded(
    """
    until
    untill
    till
    til
    through
    thru
    up to
    up until
    inclusive
    bis
    bis zum
    bis einschließlich
    jusqu
    hasta
    fins
    até
    fino
    sino
    tot
    t/m
    tot en met
    till och med
    t.o.m
    tom
    t o m
    fram till
    frem til
    indtil
    til og med
    saakka
    asti
    saakka
    mennessä
    kuni
    līdz
    iki
    do
    až do
    -ig
    ig
    până
    do dana
    по
    до
    включно
    включительно
    μέχρι
    έως
    ως
    kadar
    עד
    حتى
    まで
    直到
    至
    到
    까지
    ถึง
    cho đến
    sampai
    hingga
    """
)

FROM = folded(
    """
    from
    between
    starting
    beginning
    vom
    von
    ab
    zwischen
    du
    depuis
    entre
    à partir
    del
    desde
    de
    do dia
    dal
    van
    från
    fra
    mellem
    od
    w dniach
    w terminie
    -tól
    din
    с
    з
    от
    από
    から
    从
    부터
    """
)
