"""Sentences with which a notice states the failure, and lines behind which it returns the mail."""

from segue.domain.inbound.phrases import folded

STATEMENTS = folded(
    """
    has been postponed
    error sending message
    reason of the delivery failure
    not able to be delivered
    been able to be delivered
    reached a limit for sending
    no valid recipients
    delivery of the email was stopped
    has not been delivered
    message is delayed
    temporary failure report
    been postponed
    failed recipient
    failed address
    error during delivery
    could not be processed
    requested action not taken
    smtp error
    error code
    has been stopped
    was stopped
    has been quarantined
    no such recipient
    did not match
    not a valid
    # English: one line per family of servers
    could not be delivered
    couldn't be delivered
    cannot be delivered
    can not be delivered
    can't be delivered
    could not deliver
    couldn't deliver
    cannot deliver
    wasn't delivered
    was not delivered
    has not been delivered
    have not been delivered
    not yet been delivered
    not been able to deliver
    wasn't able to deliver
    was not able to deliver
    wasn't able to send
    unable to deliver
    unable to be delivered
    unable to send your
    failed to deliver
    failed to reach
    failed to be delivered
    failed to send
    failed permanently
    did not reach
    didn't reach
    could not be sent
    could not be reached
    couldn't be reached
    could not reach
    was undeliverable
    is undeliverable
    undeliverable to
    undeliverable mail
    undeliverable message
    undeliverable:
    undelivered message
    delivery failed
    delivery has failed
    delivery failure
    delivery problem
    delivery error
    delivery to the following recipient
    delivery to these recipients
    delivery of the following
    delivery attempts
    delivery has been delayed
    delivery is delayed
    permanent fatal errors
    permanent fatal delivery errors
    permanent fatal error
    fatal errors
    transient non-fatal errors
    delivery problems
    following recipients were affected
    following recipient(s) could not
    following addresses failed
    following address failed
    following address(es) failed
    following addresses had
    following address had
    transcript of session follows
    session transcript
    returned to you
    being returned
    is returned
    returned to sender
    returned undelivered
    returned mail
    returned below
    was returned
    i've given up
    giving up on
    have given up
    this is a permanent error
    permanent error
    i wasn't able
    i was unable
    i'm sorry to have to inform you
    sorry to have to inform
    sorry it didn't work out
    we were unable to deliver
    had trouble delivering
    trouble delivering
    error has occurred while attempting to deliver
    error delivering your
    an error occurred while
    error while sending
    error occurred while trying to deliver
    error report
    failure reasons
    rejected by the recipient
    rejected your message
    rejected recipient
    has been rejected
    was rejected
    message was blocked
    has been blocked
    will not be delivered
    not delivered to
    message not delivered
    mail not delivered
    user unknown
    unknown user
    unknown recipient
    unknown address
    no such user
    user not found
    mailbox unavailable
    mailbox is full
    mailbox full
    is over quota
    exceeds allowed size
    exceeded
    could not be found
    couldn't be found
    does not exist
    doesn't exist
    no longer valid
    host unknown
    host not found
    bad recipient
    invalid recipient
    could not send message for
    warning message only
    still queued
    will be retried
    will continue to be attempted
    delayed by
    not listed in
    recipient name is not recognized
    generating server
    diagnostic information for administrators
    undeliverable
    nondelivery
    bounce
    """,
    """
    # Other languages: the words of the subjects serve in the text as well; these are the ones only found there
    konnte nicht zugestellt
    konnten nicht zugestellt
    kann nicht zugestellt
    nicht zugestellt werden
    nicht ausgeliefert werden
    fehler bei der nachrichtenzustellung
    fehler bei der zustellung
    nicht erreicht
    empfänger unbekannt
    gibt es nicht
    zurückgeschickt
    n'a pas pu être remis
    n'a pu être
    n'ont pas pu
    n'a pas été remis
    n'a pas pu être distribué
    n'a pas pu être délivré
    impossible de remettre
    échec de la remise
    n'ont pas été atteints
    destinataire inconnu
    utilisateur inconnu
    no se pudo entregar
    no pudo ser entregado
    no ha podido ser entregado
    no ha podido entregarse
    no se ha podido entregar
    no ha sido posible entregar
    error al entregar
    no existe
    usuario desconocido
    no llegó a
    não pôde ser entregue
    não foi entregue
    não foi possível entregar
    não existe
    falha na entrega
    usuário desconhecido
    non è stato possibile recapitare
    non è stato recapitato
    non può essere recapitato
    non è stato consegnato
    impossibile recapitare
    impossibile consegnare
    recapito non riuscito
    kon niet worden bezorgd
    kon niet worden afgeleverd
    kan niet worden bezorgd
    niet worden afgeleverd
    bezorging is mislukt
    kunde inte levereras
    kunde ej levereras
    det gick inte att leverera
    leverans misslyckades
    kunne ikke leveres
    levering mislykkedes
    ikke levert til
    ei voitu toimittaa
    ei voi toimittaa
    toimitus epäonnistui
    nie mogła zostać dostarczona
    nie można dostarczyć
    nie została dostarczona
    dostarczenie nie powiodło się
    nemohla být doručena
    nemohl být doručen
    nebylo možné doručit
    se nepodařilo doručit
    nem sikerült kézbesíteni
    nem lehet kézbesíteni
    nu a putut fi livrat
    не может быть доставлено
    не было доставлено
    не удалось доставить
    не удалась доставка
    невозможно доставить
    сбой доставки
    пользователь не найден
    не існує
    не вдалося доставити
    δεν ήταν δυνατή η παράδοση
    η παράδοση απέτυχε
    livrarea nu a reușit
    teslim edilemedi
    iletilemedi
    לא ניתן היה למסור
    לא נמסרה
    لم يتم تسليم
    تعذر تسليم
    فشل التسليم
    配信できませんでした
    送信できませんでした
    届けられませんでした
    配送できませんでした
    配信に失敗
    送信に失敗
    見つかりませんでした
    エラーのため
    无法送达
    无法投递
    未能送达
    没有送达
    无法将您的邮件
    被退回
    退回
    投递失败
    传递失败
    無法傳送
    無法投遞
    배달하지 못
    배달되지
    전송하지 못
    전달하지 못
    전달되지
    발송되지
    발송에 실패
    ไม่สามารถส่ง
    không thể gửi
    tidak dapat dikirim
    """,
)
"""Each counts only in a notice's own words, above the returned mail."""

RETURNED = folded(
    """
    below this line is a copy of the message
    this is a copy of the message
    this is a copy of your message
    original message follows
    original message header
    header of the original message
    headers of the original message
    original message headers
    original headers follow
    text of original message
    unsent message follows
    unsent message below
    undelivered message follows
    undeliverable message follows
    undelivered message headers
    message header follows
    message headers follow
    message text follows
    message follows
    message header from
    returned message
    returned mail follows
    returned content
    the original message was
    copy of the original
    copy of your message
    your original message
    a copy of the message
    enclosed is a copy
    the header of the original
    rejected message
    start of returned message
    start of message
    begin of message
    included message
    content of your message
    --- original message
    -- original message
    -original message
    ---- message
    --- message
    beginning of the message
    first lines of
    original mail
    mail text
    message transcript
    die nachricht, die sie
    kopie der nachricht
    kopie ihrer nachricht
    originalnachricht
    ursprüngliche nachricht
    message d'origine
    message original
    copie de votre message
    mensaje original
    mensagem original
    messaggio originale
    oorspronkelijk bericht
    ursprungligt meddelande
    исходное сообщение
    исходное письмо
    текст письма
    原文
    元のメール
    元のメッセージ
    原始邮件
    原邮件
    """,
)
"""On a short line of its own: what follows is the mail that came back."""
