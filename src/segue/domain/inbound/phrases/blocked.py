"""Words of refusal for reasons of policy: the sender, his network or his text is not wanted (MAIL-67)."""

from segue.domain.inbound.phrases import folded

ENGLISH = folded(
    """
    sending quota
    limit for sending
    administrative lockout
    dns ptr
    ptr resource
    bad dns
    organizational settings
    organization policy
    organisation policy
    transport.rules.rejectmessage
    mail flow rule
    permanently deferred
    block list
    recipient preferences
    rejected due to content
    unsolicited bulk
    considered unsolicited
    message looks like
    virus or spam
    daily quota
    outgoing quota
    message quota
    daily sending
    spam message
    spam block
    spam not accepted
    spam points
    spam list
    spam email
    spam e-mail
    spambouncer
    identified spam
    probable spam
    probably spam
    possible spam
    security policies
    server requires confirmation
    confirm this mail server
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
    """
)

WORLD = folded(
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
    """
)

BLOCKED = tuple(dict.fromkeys((*ENGLISH, *WORLD)))
