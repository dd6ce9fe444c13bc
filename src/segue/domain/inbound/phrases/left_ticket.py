"""Sentences of automatic answers of people who are gone, and of desks that confirm receipt (MAIL-75)."""

from segue.domain.inbound.phrases import folded

LEFT = folded(
    """
    no longer with the company
    my last day at
    my last day with
    my last day was
    my last day of
    last working day was
    last working day at
    last day of employment
    has moved on from
    have moved on from
    i am leaving the company
    no longer associated with
    no longer affiliated
    is not employed
    position has been eliminated
    has passed away
    is deceased
    has resigned
    new email address is
    new e-mail address is
    my new address is
    email address has changed
    e-mail address has changed
    email has changed to
    no longer with
    no longer work
    no longer employed
    no longer part of
    no longer an employee
    no longer a member of
    is no longer at
    am no longer at
    has left the company
    have left the company
    has left our company
    has left the organi
    have left the organi
    left the company
    left the firm
    left our company
    have now left
    has now left
    no longer monitored
    no longer being monitored
    no longer checked
    no longer in use
    no longer active
    mailbox is not monitored
    account is no longer
    mailbox has been closed
    mailbox is closed
    mailbox will be closed
    has retired
    have retired
    i retired
    this email address is no longer
    this e-mail address is no longer
    this address is no longer
    nicht mehr im unternehmen
    nicht mehr in unserem
    nicht mehr für
    nicht mehr bei
    nicht mehr beschäftigt
    nicht mehr tätig
    unternehmen verlassen
    ausgeschieden
    nicht mehr aktiv
    nicht mehr gültig
    wird nicht mehr gelesen
    im ruhestand
    ne travaille plus
    ne fait plus partie
    a quitté la société
    a quitté l'entreprise
    a quitté ses fonctions
    j'ai quitté
    plus dans la société
    plus dans l'entreprise
    n'est plus active
    n'est plus utilisée
    ya no trabaja
    ya no trabajo
    ya no forma parte
    ya no pertenece
    ya no está en la empresa
    ya no se encuentra en la empresa
    ha dejado la empresa
    dejó la empresa
    não trabalha mais
    não faz mais parte
    já não trabalha
    não faz parte
    deixou a empresa
    não está mais na empresa
    desligado da empresa
    não lavora più
    non lavora più
    non fa più parte
    non è più in azienda
    ha lasciato l'azienda
    ha cessato
    niet meer werkzaam
    niet langer werkzaam
    werkt niet meer
    werkt niet langer
    niet meer in dienst
    uit dienst
    slutat på
    har slutat
    inte längre anställd
    arbetar inte längre
    jobbar inte längre
    har sluttet
    jobber ikke lenger
    ikke lenger ansatt
    er fratrådt
    er stoppet hos
    ikke længere ansat
    arbejder ikke længere
    ei työskentele enää
    ei ole enää
    już nie pracuje
    nie pracuje już
    nie jest już pracownikiem
    zakończył współpracę
    zakończyła współpracę
    již nepracuje
    už nepracuje
    není zaměstnancem
    už nepracujem
    már nem dolgozik
    nu mai lucrează
    nu mai face parte
    больше не работает
    больше не работаю
    уволился
    уволилась
    більше не працює
    вече не работи
    δεν εργάζεται πλέον
    artık çalışmıyor
    artık çalışmamaktadır
    şirketten ayrıl
    退職
    離職
    已离职
    已離職
    不再就职
    퇴사
    퇴직
    """
)

RECEIVED = folded(
    """
    thank you for your e-mail
    thank you for your email
    thank you for your message
    thanks for your email
    thanks for your e-mail
    thanks for your message
    endeavour to reply
    reply as soon as possible
    respond as soon as possible
    get back to you
    vielen dank für ihre nachricht
    vielen dank für ihre e-mail
    vielen dank für ihre mail
    danke für ihre nachricht
    danke für ihre e-mail
    merci pour votre message
    merci de votre message
    merci pour votre e-mail
    gracias por su mensaje
    gracias por su correo
    obrigado pela sua mensagem
    grazie per il tuo messaggio
    grazie per la sua e-mail
    bedankt voor uw e-mail
    bedankt voor uw bericht
    tack för ditt mail
    tak for din mail
    dziękuję za wiadomość
    děkuji za váš e-mail
    """
)
"""What people and machines both write: it tells a machine only beside a null path (MAIL-73, MAIL-74)."""

TICKET = folded(
    """
    ticket
    case number
    got your request
    got your message
    got your email
    got your enquiry
    received your email
    received your message
    received your e-mail
    acknowledge receipt
    confirm receipt
    acknowledge that we have
    message has been received
    your message was received
    one of our team
    member of our team
    someone from our team
    as soon as possible by our
    case id
    request number
    reference number
    your request has been
    your case
    your enquiry
    your inquiry
    has been received
    have received your
    we've received your
    we received your
    have been received
    thank you for contacting
    thanks for contacting
    thank you for getting in touch
    will get back to you
    will respond to your
    will reply to your
    will be in touch
    support team
    customer service
    helpdesk
    help desk
    service desk
    [#
    ihre anfrage
    ist bei uns eingegangen
    haben ihre
    vorgangsnummer
    ticketnummer
    bearbeitungsnummer
    eingangsbestätigung
    wir werden uns
    votre demande
    bien reçu votre
    accusé de réception
    avons bien reçu
    numéro de dossier
    hemos recibido
    su solicitud
    su consulta
    número de caso
    recebemos
    sua solicitação
    número do chamado
    abbiamo ricevuto
    la sua richiesta
    presa in carico
    hebben uw
    uw bericht is ontvangen
    ontvangst van uw
    we hebben je
    har mottagit
    vi har tagit emot
    vi har mottatt
    vi har modtaget
    din henvendelse
    olemme vastaanottaneet
    otrzymaliśmy
    zgłoszenie
    váš požadavek
    obdrželi jsme
    ваш запрос
    ваше обращение
    ваша заявка
    получили ваш
    talebiniz
    お問い合わせ
    受け付け
    受付
    您的邮件已收到
    已收到您
    工单
    접수
    문의
    """
)
