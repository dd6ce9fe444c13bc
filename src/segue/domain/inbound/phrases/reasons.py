"""Why a mail was refused, in the words of servers (MAIL-67). The families are searched in the order
of `reason.py`; block words come first."""

from segue.domain.inbound.phrases import folded

FULL = folded(
    """
    space not enough
    exceeded the local limit
    exceeds the local limit
    has too many messages
    zuviele mails auf dem server
    zu viele mails auf dem server
    mail file is full
    over the allowed quota
    message store is full
    storage is full
    mailbox over
    mailboxfull
    over its quota
    mail box space
    quota violation
    full mailbox
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
    postboks er full
    postkasse er full
    postkasse er fyldt
    postkasse er fuld
    postkassen er fuld
    indbakke er fuld
    indbakken er fuld
    är fullt
    postlåda är full
    je plná
    jest pełna
    está llena
    está cheio
    꽉 차
    꽉 찼
    가득 찼
    가득 차
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

NETWORK = folded(
    """
    forwarding loop
    hosts have been failing
    name server reply
    could not be contacted
    could not contact
    has not been delivered after
    dropped from our queue
    removed from the queue
    greylist
    graylist
    grey listed
    host name lookup fail
    hostname lookup fail
    host lookup fail
    name lookup fail
    dns lookup fail
    dns query fail
    unverified address
    not been able to connect
    could not establish
    within 2 days
    still in the queue
    recipient server did not accept our requests
    loop broken
    aliasing loop
    delivery failed 20 attempts
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
