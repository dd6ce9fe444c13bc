"""Single words to hear no more, per language (MAIL-82). They count only when they are the message."""

from segue.domain.inbound.phrases import folded

STOP_WORDS = folded(
    """
    unsubscribe
    unsubscribed
    unsuscribe
    unsubcribe
    remove
    remove me
    stop
    opt out
    opt-out
    optout
    stop it
    stop email
    stop emails
    no more emails
    take me off your list
    abmelden
    abbestellen
    austragen
    désinscription
    désabonnement
    désinscrire
    désabonner
    baja
    dar de baja
    darse de baja
    cancelar suscripción
    descadastrar
    cancelar inscrição
    sair da lista
    remover
    cancellami
    disiscrivimi
    cancellazione
    rimuovere
    uitschrijven
    afmelden
    avregistrera
    avsluta prenumeration
    avmeld
    meld av
    afmeld
    frameld
    peruuta
    wypisz
    wypisz mnie
    rezygnuję
    odhlásit
    odhlásiť
    leiratkozás
    leiratkozom
    dezabonare
    odjava
    odjavi
    отписаться
    отписать
    отпишите
    отписка
    стоп
    відписатися
    отписване
    διαγραφή
    abonelikten çık
    listeden çık
    iptal
    הסר
    להסיר
    הסרה
    الغاء الاشتراك
    إلغاء الاشتراك
    لغو اشتراک
    配信停止
    解除
    退订
    退訂
    取消订阅
    td
    수신거부
    구독취소
    ยกเลิก
    hủy
    berhenti
    """
)
"""Counts only when it is the message."""
