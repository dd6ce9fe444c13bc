"""What people say when they answer a sales mail (MAIL-81, MAIL-82). Labels only; what acts stands in `opting_out`."""

from segue.domain.inbound.phrases import folded

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
