"""Demands to hear no more, per language (MAIL-82). The only words that act."""

from segue.domain.inbound.phrases import folded

STOP_DEMANDS = folded(
    """
    # English
    unsubscribe me
    please unsubscribe
    remove me from
    please remove me
    take me off
    remove my email
    remove my e-mail
    remove my address
    remove my name
    remove my details
    remove our company from
    remove us from
    delete my email
    delete my data
    delete my details
    delete my contact
    opt me out
    i want to opt out
    i would like to opt out
    i'd like to opt out
    i wish to opt out
    i opt out
    stop emailing me
    stop e-mailing me
    stop contacting me
    stop sending me
    stop writing to me
    stop writing me
    stop mailing me
    stop spamming
    quit emailing me
    stop these emails
    cease all contact
    cease contacting
    do not contact me
    don't contact me
    do not contact us
    don't contact us
    do not email me
    don't email me
    do not e-mail me
    do not send me any
    don't send me any
    do not send me more
    don't write to me
    do not write to me
    never contact me
    never email me
    i want to unsubscribe
    i would like to unsubscribe
    i'd like to unsubscribe
    i wish to unsubscribe
    i don't want to receive
    i do not want to receive
    i do not wish to receive
    i no longer wish to receive
    i no longer want to receive
    # German
    bitte abmelden
    melden sie mich ab
    bitte austragen
    tragen sie mich aus
    nehmen sie mich aus
    nehmen sie mich von
    streichen sie mich
    löschen sie meine
    löschen sie mich
    entfernen sie mich
    bitte entfernen sie meine
    keine weiteren mails
    keine weiteren e-mails
    keine weiteren nachrichten
    keine mails mehr
    keine e-mails mehr
    keine werbung mehr
    schreiben sie mir nicht mehr
    kontaktieren sie mich nicht
    unterlassen sie
    ich widerspreche der
    nicht mehr kontaktieren
    nicht mehr anschreiben
    # French
    me désinscrire
    désinscrivez-moi
    désabonnez-moi
    me désabonner
    retirez-moi
    me retirer de
    supprimez-moi
    supprimez mon adresse
    supprimer mon adresse
    supprimez mes
    ne me contactez plus
    ne plus me contacter
    ne m'écrivez plus
    ne plus recevoir
    cessez de m'envoyer
    arrêtez de m'envoyer
    arrêtez de me contacter
    # Spanish, Catalan
    darme de baja
    deme de baja
    dame de baja
    denme de baja
    quiero darme de baja
    elimíneme
    elimine mi correo
    eliminen mi correo
    eliminar mi correo
    elimina mi correo
    bórreme
    bórrenme
    quítenme de
    quíteme de
    no me contacte
    no me escriba
    no me envíe más
    no me envíen más
    no quiero recibir
    no deseo recibir
    dejen de enviarme
    deje de enviarme
    deixeu d'enviar
    """,
    """
    # Portuguese
    me remova
    remova-me
    remova meu
    remover meu e
    me descadastre
    descadastrar meu
    cancelar minha inscrição
    retire-me
    retire meu
    não quero mais receber
    não desejo receber
    não desejo mais receber
    pare de me enviar
    parem de me enviar
    não me envie mais
    não entre mais em contato
    # Italian
    cancellatemi
    mi cancelli
    cancellami
    rimuovetemi
    mi rimuova
    rimuovimi
    eliminate il mio
    disiscrivetemi
    disiscrivermi
    non desidero ricevere
    non voglio ricevere
    non voglio più ricevere
    non contattatemi
    non contattarmi
    non mi contatti
    smettetela di
    smetta di inviarmi
    # Dutch
    schrijf mij uit
    schrijf me uit
    uitschrijven aub
    graag uitschrijven
    haal mij van
    haal me van
    verwijder mij
    verwijder me
    verwijder mijn
    stuur mij geen
    stuur me geen
    geen mails meer
    niet meer mailen
    neem geen contact meer
    # Swedish, Norwegian, Danish
    avregistrera mig
    ta bort mig
    avprenumerera mig
    sluta maila
    sluta mejla
    sluta skicka
    inte bli kontaktad
    meld meg av
    fjern meg
    slutt å sende
    ikke kontakt meg
    ikke send meg
    afmeld mig
    frameld mig
    fjern mig
    slet mig
    stop med at sende
    kontakt mig ikke
    ikke kontakt mig
    # Finnish, Estonian
    poistakaa minut
    poista minut
    poistakaa tietoni
    älkää lähettäkö
    älä lähetä minulle
    peruuta tilaukseni
    eemaldage mind
    # Polish, Czech, Slovak
    proszę mnie wypisać
    wypiszcie mnie
    proszę o wypisanie
    proszę usunąć
    usuńcie mnie
    proszę o usunięcie
    proszę nie wysyłać
    proszę do mnie nie pisać
    nie życzę sobie
    odhlaste mě
    odhlaste mne
    vyřaďte mě
    vymažte mě
    smažte mou
    nepřeji si
    neposílejte mi
    nekontaktujte mě
    odhláste ma
    neposielajte mi
    # Hungarian, Romanian
    iratkoztassanak le
    kérem töröljenek
    töröljenek a list
    ne küldjenek
    ne keressenek
    dezabonați-mă
    vă rog să mă dezabonați
    ștergeți-mă
    nu mai doresc să primesc
    nu mă mai contactați
    # Croatian, Slovenian, Serbian
    odjavite me
    uklonite me
    ne želim primati
    odjavite mojo
    """,
    """
    # Russian, Ukrainian, Bulgarian
    отпишите меня
    удалите меня
    удалите мой адрес
    удалите мои
    исключите меня
    уберите меня
    прекратите присылать
    прекратите рассылку
    прекратите писать
    не присылайте
    не пишите мне
    больше не пишите
    больше мне не
    не хочу получать
    не желаю получать
    відпишіть мене
    видаліть мене
    видаліть мою
    не надсилайте
    не пишіть мені
    отпишете ме
    премахнете ме
    не ми изпращайте
    # Greek, Turkish
    διαγράψτε με
    αφαιρέστε με
    μη μου στέλνετε
    μη με ξαναενοχλήσετε
    listeden çıkar
    listenizden çıkar
    aboneliğimi iptal
    üyeliğimi iptal
    mail göndermeyin
    e-posta göndermeyin
    beni bir daha aramayın
    # Hebrew, Arabic, Persian
    הסירו אותי
    תסירו אותי
    הסר אותי
    נא להסיר
    אל תשלחו לי
    ألغوا اشتراكي
    الغاء اشتراكي
    إلغاء اشتراكي
    احذفوني
    لا ترسلوا
    لا ترسل لي
    # Asian
    配信停止
    配信を停止
    配信を止めて
    登録解除
    メールを送らない
    送らないで
    连络不要
    连系不要
    連絡しないで
    リストから削除
    请取消订阅
    請取消訂閱
    取消订阅
    取消訂閱
    退订
    退訂
    请勿再发
    不要再发
    不要再發
    别再发
    请将我从
    수신거부
    수신 거부
    구독 취소
    구독취소
    그만 보내
    보내지 마
    연락하지 마
    ยกเลิกการรับ
    อย่าส่ง
    hủy đăng ký
    đừng gửi
    berhenti berlangganan
    jangan kirim
    jangan hubungi
    """,
)
"""A clear demand, wherever it stands in the new text."""
