"""Sentences of machines that ask for proof of a person, and that say they are machines (MAIL-65, MAIL-75)."""

from segue.domain.inbound.phrases import folded

CHALLENGE = folded(
    """
    confirm that you are human
    confirm you are human
    prove that you are human
    prove you are human
    verify that you are human
    verify you are human
    verify that you are a real
    verify you are a real
    confirm that you are a real
    you are a real person
    not a spammer
    not a spam robot
    junk email and spam
    challenge/response
    challenge-response
    challenge response
    confirm your message
    confirm your email by
    confirm the delivery of your
    confirm this message
    confirm delivery of your
    release your message
    message is being held
    message has been held
    your message is waiting
    message is waiting for
    held until you
    held because
    held in a queue until
    waiting list
    pending list
    approved senders list
    approved sender list
    allowed senders list
    recipient's allowed
    address added to the
    account is protected by
    add you to my
    added to my list of
    added to the list of allowed
    complete the verification
    one-time verification
    sender verification
    sender confirmation
    please verify your email
    request authorization
    authentication request
    spamarrest
    spam arrest
    spamblocker
    boxbe
    waitlisted
    guest list so
    to my guest list
    mailinblack
    mail in black
    tmda
    bluebottle
    0spam
    choicemail
    digiportal
    sendio
    qconfirm
    captcha
    bestätigen sie, dass sie
    bestätigen sie ihre nachricht
    bestätigen sie bitte ihre e-mail
    vous authentifier
    cliquez ici pour que votre
    votre message est en attente
    confirmer votre message
    confirme que es humano
    confirme su mensaje
    confirme sua mensagem
    anti-spam uol
    antispam uol
    confirma il tuo messaggio
    bevestig uw bericht
    подтвердите отправку
    подтвердите, что вы
    """
)
"""In the subject or the first lines; `challenge.py` asks for two of them, or one and a null path or daemon sender."""

GENERATED = folded(
    """
    this is an automated
    this is an automatic
    this is an auto
    this is a system generated
    this is a system-generated
    this message was automatically
    this message was created automatically
    this message has been automatically
    this email was automatically
    automatically generated
    automated response
    automated reply
    automatic response
    automatic reply
    auto-generated
    auto generated
    auto-reply
    autoreply
    do not reply to this
    please do not reply
    automatisch generiert
    automatisch erstellt
    automatische antwort
    automatische nachricht
    antworten sie nicht auf diese
    message automatique
    réponse automatique
    ne pas répondre
    générée automatiquement
    respuesta automática
    mensaje automático
    generado automáticamente
    no responda a este
    resposta automática
    mensagem automática
    gerada automaticamente
    não responda
    risposta automatica
    messaggio automatico
    generato automaticamente
    non rispondere
    automatisch gegenereerd
    automatisch bericht
    automatisch antwoord
    autosvar
    automatiskt
    automatisk
    automaattinen
    automatycznie
    automatyczna
    automaticky
    automatická
    automatikus
    răspuns automat
    автоматическ
    автоматичн
    αυτόματο
    αυτόματη
    otomatik
    אוטומטית
    تلقائي
    自動送信
    自動返信
    自動的に
    自动回复
    自动发送
    系统自动
    自動回覆
    자동으로
    자동 발송
    자동 회신
    """
)
