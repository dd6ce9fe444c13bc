"""Why a mail was refused, in the words of servers (MAIL-67). The families are searched in the order
of `reason.py`; block words come first."""

from segue.domain.inbound.phrases import folded

BLOCKED = folded(
    """
    sending quota
    daily quota
    outgoing quota
    message quota
    daily sending
    spam message
    spam detected
    spam content
    spam or
    spam-like
    spam mail
    spam filter
    spam source
    spam policy
    anti-spam
    antispam
    as spam
    is spam
    be spam
    like spam
    considered spam
    identified as spam
    likely spam
    spam.
    spam score
    sending spam
    spam reject
    for spam
    of spam
    suspected spam
    spam:
    (spam
    spam)
    no spam
    spammer
    spamming
    spamtrap
    [spam
    policy reasons
    prohibited by
    is prohibited
    banned sender
    banned ip
    is banned
    throttled
    throttling
    message refused by
    mail refused by
    refused by policy
    refused due to
    access denied
    not authenticated to send
    administrator has blocked
    listed as
    # English
    blocked
    blacklist
    blocklist
    black list
    block list
    black-list
    blacklisted
    blackholed
    dnsbl
    rbl
    spamhaus
    spamcop
    sorbs
    barracudacentral
    cloudmark
    senderbase
    reputation
    is listed
    listed in
    listed by
    listed at
    listed on
    currently listed
    unsolicited
    junk mail
    bulk mail
    bulk email
    poor reputation
    local policy
    policy violation
    policy restriction
    administrative policy
    due to policy
    for policy
    security policy
    site policy
    against policy
    violates policy
    message content policy
    content rejected
    content filter
    message filtered
    rejected by filter
    administratively denied
    administrative prohibition
    spf
    dkim
    dmarc
    domainkeys
    authentication-results
    unauthenticated email
    unauthenticated mail
    email authentication
    authentication checks
    authentication required
    require authentication
    must be authenticated
    must authenticate
    reverse dns
    reverse lookup
    reverse mapping
    ptr record
    no ptr
    rdns
    cannot find your hostname
    cannot find your reverse
    client host rejected
    helo command rejected
    invalid helo
    bad helo
    dynamic ip
    dynamically assigned
    dial-up
    dialup
    residential ip
    relay denied
    relay access denied
    relaying denied
    relay not permitted
    relaying not allowed
    relaying is not allowed
    relaying prohibited
    relay operation rejected
    relaying disallowed
    unable to relay
    not permitted to relay
    not allowed to relay
    does not permit relay
    we do not relay
    we don't relay
    no relaying
    relaying mail
    relay prohibited
    allowed rcpthosts
    list of allowed
    rcpthosts
    not authorized
    not authorised
    unauthorized
    not permitted to send
    not allowed to send
    too many connections
    too many messages
    too many recipients
    too many emails
    too many mails
    too many errors
    too many concurrent
    rate limit
    rate limited
    sending rate
    limit exceeded for sender
    temporarily deferred
    greylist
    graylist
    greylisted
    sender rejected
    sender denied
    sender address rejected
    sender address verification
    sender verify failed
    sender verification
    sender not accepted
    domain of sender
    sender domain must
    sender's domain
    bad sender
    invalid sender
    sender unknown
    unknown sender
    connection refused by policy
    connection rejected
    connections from your
    your ip
    ip address you
    ip reputation
    ip not allowed
    access from ip
    suspicious
    phish
    refused your message
    we do not accept mail from
    not accepting mail from
    does not accept mail from
    don't accept mail from
    refuse mail from
    refuses mail from
    rejected for policy
    message rejected under
    message was rejected by
    blocked using
    blocked by
    http://www.spam
    url in the message
    bayes
    spam score
    high probability of spam
    surbl
    uribl
    denied by
    """,
    """
    # German, French
    blockiert
    geblockt
    gesperrt weil
    schwarze liste
    spamverdacht
    als spam
    abgelehnt wegen
    richtlinie
    nicht berechtigt
    relay nicht
    bloqué
    liste noire
    pourriel
    politique de sécurité
    indésirable
    non autorisé
    limite d'envoi
    # Spanish, Portuguese, Italian
    bloqueado
    lista negra
    política de
    políticas de
    no autorizado
    correo no deseado
    não autorizado
    lista de bloqueio
    bloccato
    bloccata
    lista nera
    criteri di
    non autorizzat
    posta indesiderata
    # Dutch, Swedish, Norwegian, Danish, Finnish
    geblokkeerd
    zwarte lijst
    niet toegestaan
    ongewenste
    blockerad
    blockerat
    skräppost
    svartlista
    blokkert
    søppelpost
    blokeret
    uønsket
    sortlist
    estetty
    roskaposti
    mustalla listalla
    # Polish, Czech, Hungarian
    zablokowan
    czarna lista
    czarnej liście
    niechciana
    blokován
    zablokován
    černé listině
    nevyžádan
    letiltva
    feketelist
    levélszemét
    # Russian, Ukrainian
    заблокирован
    блокиров
    черный список
    черном списке
    спам
    чорний список
    # Japanese, Chinese, Korean
    迷惑メール
    スパム
    ブロックされ
    受信拒否
    拒否リスト
    ブラックリスト
    黑名单
    黑名單
    垃圾邮件
    垃圾郵件
    被拒绝
    被拒絕
    拒收
    反垃圾
    스팸
    차단
    블랙리스트
    # Turkish, Greek
    engellen
    kara liste
    istenmeyen
    αποκλεισ
    μαύρη λίστα
    """,
)

FULL = folded(
    """
    over quota
    overquota
    over the quota
    quota exceeded
    quota exceed
    exceeded quota
    exceeds quota
    exceeded their quota
    exceeded his quota
    exceeded the quota
    exceeded its quota
    exceeded his/her quota
    exceeded mail quota
    exceeded email quota
    beyond quota
    out of quota
    quota full
    quota limit
    quota has been
    quota is
    quota reached
    hard quota
    disk quota
    mail quota
    mailbox quota
    storage quota
    user quota
    box is full
    folder is full
    recipient is full
    user is full
    out of disk space
    insufficient system storage
    lack of space
    mailbox storage
    # English
    mailbox full
    mailbox is full
    mailbox has exceeded
    mail box full
    mail box is full
    mailbox size limit
    mailbox limit
    mailbox exceeds
    mailbox for user is full
    mailbox too large
    maildir over
    maildir is over
    inbox is full
    inbox full
    inbox is over
    account is full
    account full
    user is over
    over its disk
    exceeds allowed size
    exceeded storage
    storage allocation
    exceeded its storage
    storage limit
    storage space
    out of storage
    insufficient disk space
    insufficient space
    not enough space
    not enough storage
    not enough disk
    no space left
    disk full
    disk usage
    space exceeded
    exceeded the size of
    exceeded allocated
    allowed mailbox size
    mailbox capacity
    maximum mailbox
    too much mail
    too many messages on this mailbox
    too many messages in
    full mailbox
    mailfolder is full
    size of mailbox
    """,
    """
    # Other languages
    postfach voll
    postfach ist voll
    postfach des empfängers ist voll
    speicherplatz
    mailbox voll
    boîte pleine
    boîte aux lettres est pleine
    boîte aux lettres pleine
    boîte de réception est pleine
    est pleine
    espace insuffisant
    dépassé son quota
    buzón lleno
    buzón está lleno
    buzón de correo está lleno
    está lleno
    excedido su cuota
    cuota
    caixa postal cheia
    caixa de correio cheia
    caixa de entrada cheia
    está cheia
    cota
    casella piena
    casella di posta piena
    casella di posta è piena
    è piena
    spazio esaurito
    postvak is vol
    postvak vol
    mailbox is vol
    mailbox vol
    opslagruimte
    postlådan är full
    brevlådan är full
    inkorgen är full
    lagringsutrymme
    postboksen er full
    postkassen er full
    postkassen er fyldt
    innboksen er full
    postilaatikko on täynnä
    on täynnä
    skrzynka jest pełna
    skrzynka pełna
    skrzynka pocztowa jest pełna
    przepełnion
    schránka je plná
    plná schránka
    postafiók megtelt
    megtelt
    căsuța poștală este plină
    ящик переполнен
    ящик заполнен
    переполнен
    превышена квота
    переповнен
    γραμματοκιβώτιο είναι πλήρες
    γεμάτο
    posta kutusu dolu
    kotası
    kota aşıldı
    kutusu dolu
    メールボックスがいっぱい
    メールボックスが一杯
    容量を超え
    容量超過
    容量オーバー
    いっぱいです
    邮箱已满
    郵箱已滿
    信箱已满
    信箱已滿
    收件箱已满
    已满
    已滿
    空间不足
    空間不足
    容量已满
    사서함이 가득
    편지함이 가득
    용량 초과
    용량을 초과
    용량이 초과
    quota
    """,
)

CONTENT = folded(
    """
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
    virus
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

NETWORK = folded(
    """
    try again later
    host not found, try again
    temporary problem
    temporary local
    temporary server
    temporary dns
    temporarily unable
    temporarily rejected
    temporarily refused
    tls handshake
    tls negotiation
    starttls
    ssl error
    certificate verif
    network error
    network problem
    network unreachable
    network is unreachable
    network failure
    message has expired
    message expired
    delivery expired
    delivery time expired
    maximum-time-expired
    time expired
    maximum time
    maximum delivery attempts
    maximum retries
    number of retries
    too many retries
    retry limit
    within the allowed
    allowed queue period
    delivery attempts
    message looping
    mail is looping
    looping email
    message loop
    excessive hops
    keine verbindung
    verbindung fehlgeschlagen
    verbindungsfehler
    connexion refusee
    echec de connexion
    delai depasse
    delai expire
    conexion rechazada
    error de conexion
    conexao recusada
    connessione rifiutata
    geen verbinding
    anslutningen
    forbindelsen
    yhteytta ei
    polaczenie odrzucone
    spojeni selhalo
    baglanti kurulamad
    接続できません
    接続に失敗
    连接超时
    连接失败
    無法連線
    연결할 수 없
    unable to relay to
    timed out
    time out
    timeout
    time-out
    retry time
    retry timeout
    will retry
    unreachable
    no route to host
    connection refused
    connect refused
    connection reset
    connection dropped
    connection lost
    lost connection
    connection died
    connection closed
    connection failed
    connection timed
    closed connection
    unable to connect
    could not connect
    cannot connect
    can't connect
    couldn't connect
    failed to connect
    wasn't able to establish
    unable to establish
    host is down
    host down
    server is down
    not responding
    no answer from
    didn't respond
    did not respond
    does not respond
    no response
    bad connection
    too many hops
    hop count
    mail loop
    loops back
    loop detected
    routing loop
    mail forwarding loop
    loop count
    too long in the queue
    in the queue too long
    queue too long
    been in the queue
    queue lifetime
    message expired
    cname lookup
    dns temporary
    temporary dns
    temporary lookup failure
    temporary failure
    temporarily unavailable
    temporary error
    host lookup did not complete
    lookup timed out
    name server timeout
    service not available
    server busy
    system not accepting
    not accepting network messages
    zeitüberschreitung
    nicht erreichbar
    nicht erreicht werden
    injoignable
    tiempo de espera
    tiempo agotado
    tempo esgotado
    tempo limite
    tempo scaduto
    timeout
    niet bereikbaar
    aikakatkaisu
    upłynął limit czasu
    vypršel
    időtúllépés
    превышено время
    время ожидания
    соединени
    недоступен
    zaman aşımı
    タイムアウト
    超时
    逾時
    시간 초과
    """
)
