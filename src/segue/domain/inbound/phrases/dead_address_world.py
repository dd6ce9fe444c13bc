"""Words that say a mailbox or a domain does not exist, in languages other than English."""

from segue.domain.inbound.phrases import folded

EUROPE = folded(
    """
    nicht im domino
    nicht im verzeichnis
    nicht im adressbuch
    nicht aufgeführt
    ne figure pas dans
    no figura en
    no aparece en
    non figura
    non compare nell
    não consta
    niet in het domino
    finns inte i domino
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
    nicht gefunden werden
    kein postfach
    keine mailbox
    kein solches postfach
    postfach existiert nicht
    postfach gelöscht
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
    no se ha podido encontrar
    no fue encontrad
    cuenta inactiva
    buzón no existe
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
    não pôde ser encontrado
    não pode ser encontrado
    não foi localizado
    caixa postal inexistente
    usuário inexistente
    conta inativa
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
    fant ikke
    kunne ikke finne
    ikke funnet
    ble ikke funnet
    ugyldig
    ukendt modtager
    ukendt bruger
    findes ikke
    kunne ikke findes
    ikke fundet
    blev ikke fundet
    tuntematon vastaanottaja
    tuntematon käyttäjä
    ei ole olemassa
    ei löydy
    ei löytynyt
    virheellinen osoite
    """
)

WORLD = folded(
    """
    # Polish, Czech, Slovak, Hungarian, Romanian
    nie istnieje
    nie odnaleziono
    nie ma takiego
    nie ma takiej
    skrzynka nie istnieje
    nieznany użytkownik
    nieznany odbiorca
    nie znaleziono
    nieprawidłowy adres
    neexistuje
    nebyla nalezená
    neznámá adresa
    schránka neexistuje
    adresát neexistuje
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
    не найдено
    нет такого
    нет такой
    ящик не существует
    ящик заблокирован за неактивность
    недействительный адрес
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
    δεν ήταν δυνατός ο εντοπισμός
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
    无效
    無效
    用户未找到
    查无此
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
    """
)
