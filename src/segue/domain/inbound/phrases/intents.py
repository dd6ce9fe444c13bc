"""What people say when they answer a sales mail (MAIL-81, MAIL-82). Only the demands to stop act; the rest labels."""

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

NOT_INTERESTED = folded(
    """
    not interested
    no interest
    no thanks
    no thank you
    not for us
    not a fit
    not a good fit
    we'll pass
    we will pass
    i'll pass
    have no need
    don't need this
    do not need this
    not looking for
    already have a solution
    already have a provider
    kein interesse
    nicht interessiert
    kein bedarf
    keinen bedarf
    nein danke
    pas intéressé
    pas intéressés
    non merci
    pas besoin
    no me interesa
    no nos interesa
    no estamos interesados
    no estoy interesado
    no gracias
    não tenho interesse
    não temos interesse
    sem interesse
    não obrigado
    não, obrigado
    non sono interessato
    non siamo interessati
    non mi interessa
    non ci interessa
    no grazie
    geen interesse
    niet geïnteresseerd
    nee bedankt
    geen behoefte
    inte intresserad
    inget intresse
    nej tack
    ikke interessert
    ikke interesseret
    nej tak
    nei takk
    ei kiinnosta
    emme ole kiinnostuneita
    nie jestem zainteresowan
    nie jesteśmy zainteresowani
    brak zainteresowania
    nemám zájem
    nemáme zájem
    nem érdekel
    nu sunt interesat
    не интересно
    не интересует
    не заинтересован
    не цікавить
    ilgilenmiyorum
    ilgilenmiyoruz
    興味がありません
    結構です
    不感兴趣
    没有兴趣
    沒有興趣
    관심 없
    관심없
    """
)

WRONG_PERSON = folded(
    """
    wrong person
    not the right person
    not the right contact
    not the correct person
    i don't handle
    i do not handle
    not responsible for
    not my area
    not my department
    someone else handles
    falsche person
    falscher ansprechpartner
    nicht der richtige ansprechpartner
    nicht die richtige ansprechpartnerin
    nicht zuständig
    pas la bonne personne
    pas le bon interlocuteur
    pas la bonne interlocutrice
    no soy la persona
    persona equivocada
    não sou a pessoa
    pessoa errada
    non sono la persona
    persona sbagliata
    niet de juiste persoon
    verkeerde persoon
    fel person
    inte rätt person
    feil person
    forkert person
    ikke den rette
    väärä henkilö
    niewłaściwa osoba
    nie jestem właściwą osobą
    nejsem správná osoba
    не тот человек
    не по адресу
    не занимаюсь этим
    担当ではありません
    担当者ではない
    不是我负责
    不是负责人
    담당자가 아닙니다
    """
)

REFERRAL = folded(
    """
    please contact
    please reach out to
    reach out to
    get in touch with
    you should talk to
    you should speak
    the right person is
    the right contact is
    best person
    please speak to
    please email
    please write to
    i have copied
    i've copied
    i've cc'd
    i have cc'd
    cc'ing
    ccing
    looping in
    adding
    forwarded your
    i've forwarded
    bitte wenden sie sich
    wenden sie sich an
    ansprechpartner ist
    kontaktieren sie bitte
    in kopie
    contactez
    veuillez contacter
    adressez-vous
    en copie
    contacte con
    póngase en contacto
    en copia
    entre em contato com
    fale com
    em cópia
    contatti
    si rivolga
    in copia
    neem contact op met
    kontakta
    kontakt gerne
    ota yhteyttä
    proszę o kontakt z
    kontaktujte
    обратитесь к
    свяжитесь с
    """
)

LATER = folded(
    """
    not right now
    not at the moment
    not at this time
    not now
    maybe later
    next quarter
    next year
    next month
    in a few months
    in a couple of months
    try again in
    circle back
    check back
    reach out again
    get back to me in
    contact me again in
    ping me in
    follow up in
    too busy
    im moment nicht
    derzeit nicht
    zurzeit nicht
    später
    nächstes quartal
    nächstes jahr
    nächsten monat
    melden sie sich in
    pas pour le moment
    plus tard
    l'année prochaine
    trimestre prochain
    le mois prochain
    recontactez-moi
    por el momento no
    ahora no
    más adelante
    el próximo año
    próximo trimestre
    no momento não
    mais tarde
    ano que vem
    próximo mês
    per ora no
    più avanti
    anno prossimo
    prossimo trimestre
    nu niet
    volgend jaar
    volgend kwartaal
    inte just nu
    nästa år
    ikke nå
    ikke nu
    neste år
    næste år
    ei nyt
    nie teraz
    w przyszłym roku
    teď ne
    příští rok
    не сейчас
    позже
    в следующем году
    şimdi değil
    gelecek yıl
    今は
    来年
    明年
    以后再
    나중에
    내년
    """
)

MEETING = folded(
    """
    let's talk
    let's schedule
    let's set up
    let's meet
    let's find a time
    schedule a call
    book a call
    set up a call
    set up a meeting
    schedule a meeting
    book a meeting
    happy to talk
    happy to chat
    happy to meet
    are you available
    are you free
    i'm available
    i am available
    i'm free on
    i am free on
    works for me
    does tuesday work
    call me
    give me a call
    send me an invite
    send an invite
    send a calendar
    calendly.com
    hubspot.com/meetings
    meet.google.com
    lassen sie uns telefonieren
    termin vereinbaren
    terminvorschlag
    rufen sie mich an
    passt mir
    prenons rendez-vous
    fixer un rendez-vous
    je suis disponible
    appelez-moi
    agendar una reunión
    agendamos
    concertar una cita
    llámeme
    estoy disponible
    marcar uma reunião
    agendar uma reunião
    vamos conversar
    me ligue
    fissare un appuntamento
    fissiamo
    sentiamoci
    mi chiami
    afspraak maken
    bel me
    inplannen
    boka ett möte
    ring mig
    booke et møte
    sovitaan
    umówmy się
    proszę o telefon
    domluvme
    zavolejte
    давайте созвонимся
    созвонимся
    давайте встретимся
    позвоните
    打ち合わせ
    打合せ
    电话沟通
    约个时间
    미팅
    통화
    """
)
