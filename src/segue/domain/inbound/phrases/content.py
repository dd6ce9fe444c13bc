"""Words of refusal because of the mail itself or of who may write to the address (MAIL-67)."""

from segue.domain.inbound.phrases import folded

CONTENT = folded(
    """
    a virus
    not accepting mail with attachments
    banned content
    banned name
    banned file
    banned attachment
    banned extension
    contents banned
    not permitted attachment
    contained an attachment
    smaller and try sending
    size limit for messages
    virus infect
    viruses
    virus was
    virus name
    virus:
    the virus
    virus scan
    by virus
    virus in
    exceeded maximum message
    exceeds maximum message
    exceeded maximum size
    attachment type
    attachment not allowed
    attachment is not
    attachments are not
    attachment blocked
    blocked attachment
    banned attachment
    attachments of type
    executable attachment
    executable content
    message size exceed
    message size is
    message length exceeds
    message too long
    mail is too large
    mail too large
    mail too big
    email is too large
    size exceeds limit
    exceeds the size limit
    exceeds size limit
    exceeded the size limit
    exceeds the maximum
    exceeded the maximum size
    exceeds administrative limit
    maximum incoming message size
    larger than the
    is larger than
    too large to
    too big for
    message is larger
    maximum message length
    not rfc compliant
    not rfc-compliant
    rfc 2822 compliant
    rfc 5322 compliant
    rfc2822 compliant
    header too long
    conversion required
    conversion to
    conversion is not
    unsupported content
    contains a virus
    virus found
    virus detected
    zu große
    mit viren
    piece jointe interdite
    message too large
    message is too large
    message too big
    message is too big
    message size exceeds
    message exceeds
    message larger than
    size exceeds
    max message size
    maximum message size
    maximum permitted size
    file too big
    exceeds fixed maximum
    exceeded maximum inbound
    infected
    malware
    file type
    file extension
    malformed
    bad header
    missing header
    bare lf
    8bitmime
    smtputf8
    zu groß
    trop volumineux
    trop gros
    taille maximale
    demasiado grande
    tamaño máximo
    tamaño del mensaje
    muito grande
    tamanho máximo
    troppo grande
    dimensione massima
    te groot
    för stor
    for stor
    liian suuri
    zbyt duż
    příliš velk
    túl nagy
    слишком большой
    слишком велик
    превышает допустимый размер
    вирус
    çok büyük
    サイズを超え
    サイズ制限
    大きすぎ
    ウイルス
    邮件过大
    大小超过
    病毒
    크기 제한
    바이러스
    """
)

RESTRICTED = folded(
    """
    authenticated senders only
    senders restricted
    non si dispone delle autorizzazioni
    known senders
    isn't on the list
    is not on the list
    only accepts messages
    only accepts mail
    only accept messages
    delivery restriction
    nicht über die berechtigung
    pas autorisé à envoyer
    no está autorizado a enviar
    non è consentito inviare
    not accept messages from outside
    not authenticated sender
    sender not authenticated
    sender is not authenticated
    senderauth
    recipnotauthenticated
    restricted
    requires authentication to send
    only accepts mail from
    only accept mail from
    only accepts messages from
    only accepts email from
    accepts messages only from
    accepts mail only from
    permission to send
    permission to post
    not allowed to post
    does not have permission
    you don't have permission
    you do not have permission
    not a member
    members only
    only members
    members are allowed
    only subscribers
    not subscribed
    delivery to this address is restricted
    not accepting mail from this sender
    not accepting messages from this sender
    does not accept mail from you
    approved senders
    allowed senders
    accept list
    does not accept external
    internal only
    outside the organization
    outside senders
    from outside
    nur interne
    keine berechtigung
    autorisierte absender
    expéditeurs autorisés
    l'autorisation d'envoyer
    remitentes autorizados
    no tiene permiso
    remetentes autorizados
    non dispone delle autorizzazioni
    geen toestemming
    inte behörighet
    ikke tilladelse
    nie masz uprawnień
    нет прав
    нет разрешения
    权限
    権限
    許可されていません
    권한
    """
)
