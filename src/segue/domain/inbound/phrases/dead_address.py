"""Words that say the mailbox or the domain does not exist, is closed, or takes no mail. Each must be positive: a tie is never `invalid`."""

from segue.domain.inbound.phrases import folded

INVALID = folded(
    """
    no matches to nameserver
    no user by that name
    no user here
    no user with
    no account by
    no account with
    no address by
    address is no longer available
    mailbox is no longer available
    recipient is no longer available
    has moved to a new
    relay recipient table
    no mailbox here
    no recipient
    there is no such
    there is no user
    there's no
    isn't valid
    wasn't found at
    isn't found
    problem with the recipient
    who is no longer
    user is no longer
    recipient address rejected: access denied
    recipient's e-mail address was not found
    e-mail address you entered couldn't be found
    e-mail address could not be found
    doesn't exist at
    does not exist at
    email address not found
    can't verify
    verify address failed
    verification failed for
    does not have a final email delivery
    who are no longer
    account has been suspended permanently
    user not exist
    user no longer
    user has left
    user doesnt exist
    not recognized
    not recognised
    addressee
    # English: no such mailbox
    user unknown
    unknown user
    user is unknown
    user not known
    user doesn't exist
    user does not exist
    user not found
    user not local
    no such user
    no such recipient
    no such address
    no such account
    no such mailbox
    no such person
    no such local
    no such name
    no such email
    no such mail drop
    no such domain
    no such host
    no mailbox
    no valid recipient
    no local mailbox
    not a valid mailbox
    not a valid recipient
    not a valid user
    not a valid address
    not a valid email
    not a valid account
    not a known user
    not a local
    isn't a valid
    isn't in my control
    is no longer valid
    no longer valid
    no longer active
    no longer in use
    no longer exists
    no longer on server
    no longer works
    no longer employed
    no longer accepts
    no longer accepting
    no longer with
    no longer at
    does not exist
    doesn't exist
    do not exist
    did not exist
    not exist
    non-existent
    nonexistent
    nonexistant
    non-existant
    non existent
    does not have an account
    doesn't have an account
    doesn't have a
    does not have a mailbox
    does not have a valid
    has no mailbox
    not found
    couldn't be found
    could not be found
    cannot be found
    couldn't find
    could not find
    can't find
    unable to find
    unknown recipient
    unknown or illegal
    unknown or invalid
    unknown mailbox
    unknown local
    unknown address
    unknown account
    unknown email
    unknown virtual
    unknown in virtual
    unknown in relay
    unknown in local
    unknown domain
    unknown host
    recipient unknown
    recipient is unknown
    recipient not found
    recipient does not exist
    recipient not recognized
    recipient no longer
    recipient name is not recognized
    recipient address unknown
    recipnotfound
    recipient invalid
    recipient is not exist
    recipient not exist
    account unknown
    account not found
    account does not exist
    account doesn't exist
    account disabled
    account is disabled
    account has been disabled
    account inactive
    account is inactive
    account has been deleted
    account deleted
    account closed
    account has been closed
    account expired
    account has expired
    account that you tried to reach is disabled
    account is not active
    account not active
    account terminated
    account has been deactivated
    account deactivated
    account is not allowed to receive
    account not exist
    address unknown
    address is unknown
    address not found
    address does not exist
    address doesn't exist
    address not known
    address no longer
    address not exist
    address invalid
    address is invalid
    address disabled
    address is not valid
    address unavailable
    mailbox not found
    mailbox does not exist
    mailbox doesn't exist
    mailbox unavailable
    mailbox not available
    mailbox is unavailable
    mailbox disabled
    mailbox is disabled
    mailbox has been disabled
    mailbox is inactive
    mailbox inactive
    mailbox is closed
    mailbox closed
    mailbox unknown
    mailbox invalid
    mailbox name not allowed
    mailbox is not active
    mailbox not exist
    invalid recipient
    invalid mailbox
    invalid address
    invalid user
    invalid account
    invalid email
    invalid final delivery
    invalid local
    invalid domain
    invalid alias
    illegal alias
    illegal user
    illegal local
    bad recipient
    bad address
    bad destination
    bad user
    inactive user
    inactive recipient
    user inactive
    user is inactive
    user disabled
    user is disabled
    user is not active
    user invalid
    disabled user
    disabled recipient
    disabled mailbox
    disabled account
    disabled or discontinued
    is disabled
    has been disabled
    been discontinued
    been deactivated
    been closed
    been terminated
    has been deleted
    has been removed
    not listed in
    not our customer
    not known here
    not known at this
    isn't listed
    not handled here
    not in my control
    not accepting mail
    not accept mail
    doesn't accept mail
    does not accept mail
    not accepting messages
    does not receive mail
    cannot receive mail
    can't receive mail
    does not like recipient
    this user doesn't have
    that domain isn't
    undeliverable address
    unrouteable address
    unroutable address
    unrouteable mail domain
    unroutable mail domain
    unroutable domain
    unroutable
    unrouteable
    rejected recipient
    recipient rejected
    user rejected
    addressee unknown
    addressee not
    host unknown
    host not found
    host or domain name not found
    unknown host
    domain not found
    domain name not found
    domain does not exist
    domain doesn't exist
    domain invalid
    domain is invalid
    domain unknown
    domain no longer
    no mx
    null mx
    nullmx
    nxdomain
    name or service not known
    domain has no
    no mail exchanger
    misspelled
    mistyped
    delivery to inactive
    user has moved
    left the company
    relay recipient table
    not in directory
    not in recipients
    vdeliver: invalid
    unknown to
    """,
    """
    # German, French
    empfänger unbekannt
    unbekannter empfänger
    unbekannter benutzer
    benutzer unbekannt
    adresse unbekannt
    unbekannte adresse
    existiert nicht
    gibt es nicht
    nicht gefunden
    nicht existier
    nicht bekannt
    nicht vorhanden
    ungültige adresse
    ungültiger empfänger
    ungültig
    nicht mehr gültig
    deaktiviert
    utilisateur inconnu
    destinataire inconnu
    adresse inconnue
    adresse invalide
    n'existe pas
    n'existe plus
    introuvable
    inexistant
    inconnu
    pas été trouvé
    n'a pas été trouvé
    désactivé
    non valide
    compte fermé
    # Spanish, Portuguese, Italian
    usuario desconocido
    destinatario desconocido
    dirección desconocida
    no existe
    inexistente
    no se encontró
    no se ha encontrado
    no se pudo encontrar
    no se encuentra
    no encontrado
    dirección no válida
    dirección de correo electrónico que ha escrito no
    deshabilitad
    desactivad
    dado de baja
    usuário desconhecido
    destinatário desconhecido
    não existe
    não foi encontrado
    não encontrado
    endereço inválido
    não foi possível encontrar
    desativad
    utente sconosciuto
    destinatario sconosciuto
    indirizzo sconosciuto
    non esiste
    non è stato trovato
    non trovato
    indirizzo non valido
    impossibile trovare
    disattivat
    casella inesistente
    # Dutch, Swedish, Norwegian, Danish, Finnish
    onbekende gebruiker
    gebruiker onbekend
    bestaat niet
    niet gevonden
    onbekend
    ongeldig
    niet meer in gebruik
    okänd användare
    okänd mottagare
    finns inte
    hittades inte
    kunde inte hittas
    ogiltig
    ukjent bruker
    ukjent mottaker
    finnes ikke
    ble ikke funnet
    ugyldig
    ukendt modtager
    ukendt bruger
    findes ikke
    blev ikke fundet
    tuntematon vastaanottaja
    tuntematon käyttäjä
    ei ole olemassa
    ei löydy
    ei löytynyt
    virheellinen osoite
    """,
    """
    # Polish, Czech, Slovak, Hungarian, Romanian
    nie istnieje
    nieznany użytkownik
    nieznany odbiorca
    nie znaleziono
    nieprawidłowy adres
    neexistuje
    neznámý uživatel
    neznámý příjemce
    nebyl nalezen
    nebyla nalezena
    nenalezen
    neplatná adresa
    neznámy používateľ
    nenájden
    nem létezik
    ismeretlen címzett
    ismeretlen felhasználó
    nem található
    érvénytelen cím
    nu există
    utilizator necunoscut
    nu a fost găsit
    # Russian, Ukrainian, Bulgarian, Greek, Turkish
    не существует
    не найден
    неизвестный пользователь
    неизвестный получатель
    неверный адрес
    нет такого пользователя
    пользователь неизвестен
    почтовый ящик отключен
    не існує
    не знайдено
    невідомий
    не съществува
    непознат потребител
    δεν υπάρχει
    δεν βρέθηκε
    άγνωστος χρήστης
    άγνωστος παραλήπτης
    bulunamadı
    mevcut değil
    bilinmeyen kullanıcı
    bilinmeyen alıcı
    geçersiz adres
    # Japanese, Chinese, Korean
    存在しません
    存在しない
    見つかりません
    宛先不明
    ユーザー不明
    ユーザが不明
    該当するユーザ
    不明なユーザ
    アドレスが間違
    无此用户
    无此用戶
    查無此
    用户不存在
    地址不存在
    不存在
    找不到
    未找到
    无效的收件人
    收件人未知
    无效地址
    账号已被
    존재하지 않
    찾을 수 없
    없는 사용자
    없는 계정
    알 수 없는 사용자
    수신자를 찾
    휴면
    # Hebrew, Arabic, Thai, Vietnamese, Indonesian
    לא נמצא
    אינה קיימת
    לא קיים
    غير موجود
    لم يتم العثور
    ไม่พบ
    không tồn tại
    không tìm thấy
    tidak ditemukan
    tidak ada
    tidak wujud
    """,
)
