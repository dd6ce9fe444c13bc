"""Words of delivery failure: in subjects, and as the opening statement of a notice."""

from segue.domain.inbound.phrases import folded

SUBJECTS = folded(
    """
    # English
    undeliverable
    undelivered
    undeliveriable
    undelivery
    delivery status notification
    delivery status:
    delivery status report
    delivery failure
    delivery failed
    delivery has failed
    failed delivery
    failed mail
    failure notice
    failure notification
    failure delivery
    returned mail
    mail returned
    message returned
    returned message
    returned to sender
    returning message
    returned due to
    return to sender
    returned email
    email returned
    non delivery
    non-delivery
    nondelivery
    non-deliverable
    nondeliverable
    non remitted
    mail system error
    mail error
    mailer error
    could not be delivered
    could not be sent
    couldn't be delivered
    cannot be delivered
    can not be delivered
    can't be delivered
    wasn't delivered
    was not delivered
    has not been delivered
    not been delivered
    message not delivered
    mail not delivered
    email not delivered
    not deliverable
    did not reach
    unable to deliver
    unable to send
    delivery problem
    delivery error
    delivery report
    delivery notification
    delivery notice
    delivery unsuccessful
    delivery incomplete
    delivery delay
    delivery attempt
    delivery warning
    delivery to
    mail failure
    mail failed
    message failed
    failed message
    failed to deliver
    failed to send
    failed:
    send failure
    permanent fatal error
    permanent failure
    permanent error
    address not found
    could not send message
    delayed mail
    mail delayed
    message delayed
    delayed delivery
    is delayed
    still being retried
    mail delivery status
    delivery status
    message status
    mail status
    blocked by our bulk
    message you sent blocked
    you sent was blocked
    error sending your
    error delivering
    error while sending
    posting error
    unknown user
    user unknown
    user not known
    unknown recipient
    recipient unknown
    unknown address
    no such user
    no such account
    no such address
    invalid recipient
    invalid address
    wrong address
    bad address
    not listed in
    nondelivery report
    ndn:
    ndr:
    ndr report
    ndn report
    [bounce]
    bounced mail
    bounced message
    bounce message
    bounced:
    message rejected
    mail rejected
    email rejected
    rejected mail
    rejected posting
    quota exceeded
    over quota
    mailbox full
    mailbox is full
    mail delivery
    message delivery
    email delivery
    problem delivering
    problems delivering
    mail could not
    message could not
    email could not
    your message could
    message expired
    transient delivery
    warning from
    sorry, your message
    protocol error
    """,
    """
    # German
    unzustellbar
    nicht zustellbar
    nicht zugestellt
    nicht zugestellt werden
    zustellung fehlgeschlagen
    zustellung gescheitert
    zustellung nicht möglich
    zustellfehler
    zustellungsfehler
    fehler bei der zustellung
    zustellung verzögert
    verzögerte zustellung
    konnte nicht gesendet
    konnte nicht übermittelt
    zustellungsstatus
    zustellstatus
    übermittlungsstatus
    übermittlung fehlgeschlagen
    nachricht nicht zugestellt
    rückläufer
    empfänger unbekannt
    nicht ausgeliefert
    mail zurück an absender
    unzustellbarkeit
    # French
    non remis
    non-remis
    non remise
    non distribu
    non délivr
    non délivrable
    non transmis
    non livr
    échec de la remise
    échec de remise
    échec de distribution
    échec de la distribution
    échec de livraison
    échec de l'envoi
    échec d'envoi
    échec de transmission
    état de remise
    état de la remise
    état de distribution
    statut de remise
    notification d'échec
    retour à l'expéditeur
    retourné à l'expéditeur
    impossible de remettre
    impossible de délivrer
    remise impossible
    remise retardée
    remise différée
    message non
    courrier non
    n'a pas pu être
    n'a pas été remis
    avis de non
    erreur de distribution
    # Spanish
    no se puede entregar
    no se pudo entregar
    no se ha podido entregar
    no se ha entregado
    no entregado
    no entregada
    no entregable
    sin entregar
    entrega fallida
    error de entrega
    error en la entrega
    fallo en la entrega
    fallo de entrega
    falla en la entrega
    falla de entrega
    estado de entrega
    estado de la entrega
    correo devuelto
    mensaje devuelto
    devuelto al remitente
    entrega retrasada
    error en el envío
    no pudo ser entregado
    devolución de correo
    # Portuguese
    não entregue
    não é possível entregar
    não foi possível entregar
    não pôde ser entregue
    não entregável
    falha na entrega
    falha de entrega
    falha no envio
    falha na notificação
    status de entrega
    estado de entrega
    status da entrega
    notificação de entrega
    email devolvido
    mensagem devolvida
    erro na entrega
    erro de entrega
    entrega atrasada
    não enviada
    retorno de email
    """,
    """
    # Italian
    non recapitabile
    impossibile recapitare
    mancato recapito
    mancata consegna
    non recapitat
    non consegnat
    non consegnabile
    stato del recapito
    stato di consegna
    stato della consegna
    errore di consegna
    errore di recapito
    errore nella consegna
    consegna fallita
    recapito non riuscito
    consegna non riuscita
    restituito al mittente
    consegna ritardata
    ritardo nella consegna
    notifica di mancat
    messaggio non inviato
    # Dutch
    niet bezorgd
    niet bezorgbaar
    onbestelbaar
    niet afgeleverd
    niet worden bezorgd
    niet worden afgeleverd
    bezorging mislukt
    aflevering mislukt
    bezorgingsstatus
    status van bezorging
    leveringsstatus
    afleverfout
    niet besteld
    bezorging vertraagd
    niet verzonden
    # Swedish, Norwegian, Danish
    går inte att leverera
    gick inte att leverera
    kan inte levereras
    kunde inte levereras
    inte levererats
    ej levererat
    olevererbart
    leveransfel
    leveransstatus
    leveransen misslyckades
    leverans misslyckades
    leveransmeddelande
    kan ikke leveres
    kunne ikke leveres
    kan ikke afleveres
    kunne ikke afleveres
    ikke leveret
    ikke levert
    ikke afleveret
    uleverbar
    leveringsfeil
    leveringsfejl
    leveringsstatus
    leveringen mislyktes
    levering mislyktes
    levering mislykkedes
    leveringen mislykkedes
    returneret post
    kunne ikke sendes
    # Finnish
    ei voi toimittaa
    ei voitu toimittaa
    ei voida toimittaa
    ei toimitettu
    toimitus epäonnistui
    toimittaminen epäonnistui
    toimittamaton
    toimituksen tila
    perille toimittaminen
    # Polish
    nie można dostarczyć
    nie dostarczono
    niedostarczon
    niedostarczaln
    niedoręczon
    zwrot wiadomości
    zwrot poczty
    błąd dostarcz
    niepowodzenie dostarcz
    stanie dostarczenia
    nieudane dostarczenie
    nie została dostarczona
    nie mogła zostać dostarczona
    opóźnione dostarczenie
    # Czech, Slovak
    nedoručiteln
    nedoručen
    nelze doručit
    nebyla doručena
    nebyl doručen
    stavu doručení
    chyba doručení
    chyba při doručování
    selhání doručení
    nie je možné doručiť
    nemožno doručiť
    nepodarilo sa doručiť
    nedoruč
    zlyhanie doručenia
    # Hungarian, Romanian
    kézbesíthetetlen
    nem kézbesíthető
    sikertelen kézbesítés
    kézbesítési hiba
    kézbesítési állapot
    nem sikerült kézbesíteni
    nelivrabil
    nu se poate livra
    nu a putut fi livrat
    livrare eșuată
    nelivrat
    eroare de livrare
    starea livrării
    """,
    """
    # Russian, Ukrainian, Bulgarian
    недоставлен
    не доставлен
    не удалось доставить
    невозможно доставить
    ошибка доставки
    ошибка при доставке
    состоянии доставки
    статусе доставки
    отчет о недоставке
    возврат письма
    возврат сообщения
    не может быть доставлен
    не было доставлен
    доставка не удалась
    сбой доставки
    задержка доставки
    не вдалося доставити
    неможливо доставити
    помилка доставки
    стан доставки
    недоставен
    не може да бъде доставен
    не е доставен
    # Greek
    δεν είναι δυνατή η παράδοση
    αποτυχία παράδοσης
    δεν παραδόθηκε
    αδυναμία παράδοσης
    μη παραδοτέ
    κατάσταση παράδοσης
    # Turkish
    teslim edilemedi
    teslim edilemeyen
    teslim edilemez
    iletilemedi
    iletilemeyen
    teslim durumu
    teslimat başarısız
    gönderilemedi
    # Croatian, Slovenian, Catalan
    nije moguće isporučiti
    isporuka nije uspjela
    nije isporučen
    neisporučen
    ni mogoče dostaviti
    nedostavljiv
    ni bilo mogoče dostaviti
    no es pot lliurar
    no s'ha pogut lliurar
    no lliurat
    # Baltic
    kohaletoimetamine nurjus
    ei saa kohale toimetada
    kättetoimetamatu
    nepristatyt
    nepavyko pristatyti
    nepiegādāt
    nevar piegādāt
    # Hebrew, Arabic, Persian
    לא ניתן למסירה
    לא ניתן למסור
    לא נמסרה
    מסירה נכשלה
    غير قابل للتسليم
    تعذر التسليم
    تعذر تسليم
    فشل التسليم
    فشل تسليم
    لم يتم تسليم
    غیر قابل تحویل
    # Japanese
    配信不能
    配信できません
    配信されません
    配信エラー
    配信に失敗
    配信失敗
    配信状況
    配信状態
    配信不可
    配信の失敗
    配信が遅延
    送信できません
    送信エラー
    送信失敗
    未配信
    未配達
    配達不能
    配達できません
    不達
    メールエラー
    エラーメール
    宛先不明
    届けられません
    届きません
    返送
    # Chinese
    未送达
    未送達
    无法送达
    無法送達
    无法投递
    無法投遞
    未传递
    未傳遞
    无法传递
    無法傳遞
    无法传送
    無法傳送
    無法遞送
    退信
    退件
    退回
    投递失败
    投遞失敗
    发送失败
    發送失敗
    传送失败
    傳送失敗
    寄送失敗
    传递状态
    傳遞狀態
    传递失败
    傳遞失敗
    送达状态
    送達狀態
    未能送达
    投递状态
    # Korean
    배달되지 않
    배달하지 못
    배달할 수 없
    배달 실패
    배달 상태
    전송 실패
    전송실패
    발송 실패
    발송실패
    전달되지 않
    전달할 수 없
    전송되지 않
    전송 상태
    반송
    수신 실패
    # Thai, Vietnamese, Indonesian, Malay
    ไม่สามารถส่ง
    ส่งไม่สำเร็จ
    ไม่สามารถนำส่ง
    không thể gửi
    không gửi được
    không thể phân phối
    chưa gửi được
    tidak terkirim
    gagal terkirim
    tidak dapat dikirim
    pengiriman gagal
    tidak dapat dihantar
    gagal dihantar
    """,
)
"""Anywhere in the subject. They count only beside a daemon sender, a null path or the structure of a notice (MAIL-64)."""
