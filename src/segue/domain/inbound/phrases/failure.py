"""Words of delivery failure: in subjects, and as the opening statement of a notice."""

from segue.domain.inbound.phrases import folded
from segue.domain.inbound.phrases.failure_world import NORTH_EAST, WORLD

WEST = folded(
    """
    # English
    undeliverable
    error sending message
    permanent delivery
    considered unsolicited bulk email
    banned contents from you
    virus in mail from you
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
)

SUBJECTS = tuple(dict.fromkeys((*WEST, *NORTH_EAST, *WORLD)))
"""Anywhere in the subject. They count only beside a daemon sender, a null path or the structure of a notice (MAIL-64)."""
