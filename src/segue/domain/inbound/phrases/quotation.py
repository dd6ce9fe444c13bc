"""How mail programs announce what they quote: attribution verbs, header labels, separators, device lines, footers (MAIL-79, layer 3)."""

import re

from segue.domain.inbound.phrases import folded

VERBS = folded(
    """
    # English, Scots
    wrote
    writes
    # German, Dutch, Scandinavian
    schrieb
    geschrieben
    schreef
    geschreven
    skrev
    skreiv
    skrifaði
    # Romance
    a écrit
    écrit
    écrivait
    escribió
    escribio
    ha escrito
    escrigué
    va escriure
    ha escrit
    escribiu
    escreveu
    ha scritto
    scrive
    scriveva
    a scris
    scris
    # Finnic, Baltic, Hungarian
    kirjoitti
    kirjutas
    rakstīja
    rašė
    írta
    ezt írta
    # Slavic
    napisał
    napisała
    napisał(a)
    pisze
    napsal
    napsala
    napsal(a)
    píše
    napísal
    napísala
    napísal(a)
    je napisao
    je napisala
    je napisao/la
    je napisal
    je napisal/a
    napisao
    piše
    пишет
    писал
    писал(а)
    написал
    написала
    написал(а)
    пише
    написав
    написав(ла)
    написала
    напісаў
    написа
    написао
    напишал
    # Greek, Turkish, Semitic, Persian
    έγραψε
    γράφει
    yazdı
    şunları yazdı
    şunu yazdı
    yazmış
    כתב
    כתב/ה
    כתבה
    كتب
    كتبت
    نوشت
    # Asian
    写道
    寫道
    のメッセージ
    が書きました
    は書きました
    からのメール
    の書き込み
    작성
    님이 작성
    썼습니다
    쓰기
    เขียนว่า
    เขียน
    ได้เขียน
    đã viết
    viết
    menulis
    tulis
    idatzi du
    idatzi zuen
    ysgrifennodd
    shkroi
    """
)
"""A verb that stands in the line which introduces a quotation."""

WEAK_VERBS = (" said", " says", " replied", " responded", " asked")
"""These count only where quoted lines follow."""

STARTS = re.compile(
    r"(?:on|at|in a message dated|am|a[mn]|le|el|em|no dia|a|il|il giorno|op|den|pa|w dniu|dnia|dne|dna|v|ve|vo|u|in data|in data de"
    r"|pe|la data|la|на|в|у|стис|στις|το|στις|ב|בתאריך|في|بتاريخ|در|在|于|於|vao|ngay|pada|tanggal|dana|il di|op datum|datum|kl\.?"
    r"|quoting|citing|citando|zitat von|citat|mensagem de|message de|von|from|por|de|van|da|fra|fran)\b[ ,:]?"
)
"""How such a line begins, folded."""

ORIGINAL = folded(
    """
    original message
    original mail
    original email
    original
    reply message
    previous message
    forwarded message
    forwarded mail
    forwarded by
    forward message
    begin forwarded message
    message forwarded
    ursprüngliche nachricht
    originalnachricht
    original-nachricht
    ursprüngliche mail
    weitergeleitete nachricht
    anfang der weitergeleiteten
    weitergeleitet von
    message d'origine
    message original
    message initial
    message transféré
    message transmis
    début du message
    réacheminé par
    transféré par
    mensaje original
    mensaje reenviado
    mensaje inicial
    inicio del mensaje
    reenviado por
    missatge original
    mensagem original
    mensagem encaminhada
    mensagem reencaminhada
    início da mensagem
    messaggio originale
    messaggio inoltrato
    inizio messaggio
    inoltrato da
    oorspronkelijk bericht
    origineel bericht
    doorgestuurd bericht
    begin doorgestuurd bericht
    ursprungligt meddelande
    originalmeddelande
    vidarebefordrat meddelande
    vidarebefordrat brev
    opprinnelig melding
    opprinnelig e-post
    videresendt melding
    oprindelig meddelelse
    oprindelig besked
    videresendt meddelelse
    original besked
    alkuperäinen viesti
    välitetty viesti
    algne kiri
    sākotnējais ziņojums
    pradinis laiškas
    wiadomość oryginalna
    oryginalna wiadomość
    wiadomość przekazana
    wiadomość źródłowa
    treść przekazanej wiadomości
    původní zpráva
    původní e-mail
    přeposlaná zpráva
    pôvodná správa
    eredeti üzenet
    továbbított üzenet
    mesaj original
    mesajul original
    izvorna poruka
    originalna poruka
    izvorno sporočilo
    исходное сообщение
    оригинальное сообщение
    пересылаемое сообщение
    пересланное сообщение
    пересылаемое письмо
    первоначальное сообщение
    оригінальне повідомлення
    вихідне повідомлення
    оригинално съобщение
    αρχικό μήνυμα
    προωθημένο μήνυμα
    orijinal mesaj
    özgün ileti
    iletilen mesaj
    הודעה מקורית
    הודעה שהועברה
    الرسالة الأصلية
    رسالة أصلية
    پیام اصلی
    元のメッセージ
    元のメール
    転送メッセージ
    原始邮件
    原始郵件
    原始信件
    邮件原件
    转发邮件
    转发的邮件
    轉寄郵件
    원본 메시지
    원본 메일
    원본메일
    전달된 메시지
    ข้อความต้นฉบับ
    tin nhắn gốc
    thư gốc
    pesan asli
    mesej asal
    """
)
"""Between dashes, underscores or stars on a line of its own; some also with a colon."""

_LABELS = {
    "from": """
        from von de da van från fra lähettäjä od feladó от від από kimden gönderen 发件人 寄件者 寄件人
        差出人 送信者 보낸사람 보낸이 발신자 מאת من از saatja nuo no de: จาก từ dari expéditeur remitente
        remetente mittente absender afzender avsändare avsender afsender nadawca odesílatel odosielateľ
        expeditor pošiljatelj šalje отправитель відправник подател від_кого od_koho de_la
    """,
    "sent": """
        sent date gesendet datum envoyé enviado enviada inviato data verzonden skickat sendt dato lähetetty
        päivämäärä wysłano wyslano odesláno odoslané küldve trimis fecha дата отправлено надіслано ημερομηνία
        στάλθηκε gönderilme tarih gönderildi 发送时间 日期 时间 傳送 寄件日期 發送時間 送信日時 日付 보낸날짜
        날짜 보낸시간 נשלח תאריך תאריך: تاريخ التاريخ تاريخ_الإرسال saadetud kuupäev išsiųsta nosūtīts ส่ง
        วันที่ ngày gửi tanggal dikirim tarikh poslano datum: poslané изпратено date_d'envoi data_de_envio
        sentdate when
    """,
    "to": """
        to an à a para aan till til vastaanottaja do komu címzett către кому до προς alıcı kime 收件人 收件者
        宛先 받는사람 받는이 수신자 אל إلى الى به kellele kam adresatas ถึง đến kepada destinataire
        destinatario destinatário empfänger ontvanger mottaker modtager prejemnik za primatelj komu:
        получател prima cc
    """,
    "subject": """
        subject betreff objet asunto assunto oggetto onderwerp ämne emne aihe temat předmět predmet tárgy
        subiect тема относно θέμα konu 主题 主旨 件名 题目 標題 제목 נושא الموضوع موضوع teema tēma tema
        เรื่อง chủ_đề tiêu_đề perihal subjek temat_wiadomości re objekt rubrik emnet
    """,
}
LABELS: dict[str, str] = {
    word.strip(":").replace("_", " "): role
    for role, block in _LABELS.items()
    for word in folded("\n".join(block.split()))
    if word.strip(":")
}
"""Header label in any language → from, sent, to or subject."""

DEVICE = re.compile(
    "|".join(
        line.strip()
        for line in r"""
        (?:sent|delivered|written|composed|typed|mailed) (?:from|via|with|by|using|on) (?:my |an? |the )?(?!.*[.!?] ?\w)[^.,;!?]{2,60}
        sent from (?:my )?[^,;]{2,50}
        (?:get|download) outlook for .{0,80}
        (?:from|sent by) (?:my )?(?:iphone|ipad|android|mobile|blackberry|samsung|galaxy)\b.{0,40}
        (?:von|mit) (?:meinem|meiner|einem|dem) .{2,40} (?:gesendet|geschrieben|verschickt|versendet)\b.{0,60}
        (?:gesendet|verschickt|geschrieben|diese nachricht wurde) (?:von|mit|aus|uber) .{2,70}
        (?:envoye|expedie|telecharge) (?:de|depuis|a partir de|avec|par|via) .{2,60}
        provenance : .{2,60}
        (?:obtenir|telecharger) outlook pour .{2,60}
        enviado (?:desde|de|a partir|do|da|pelo|via|por|con|com) .{2,60}
        enviat des .{2,60}
        (?:obtener|obter o) outlook para .{2,60}
        inviato (?:da|dal|dallo|con|tramite) .{2,60}
        (?:ottieni|scarica) outlook .{2,60}
        (?:verstuurd|verzonden) (?:vanaf|via|met|van|vanuit) .{2,60}
        (?:download |hamta |hent |hae )?outlook (?:voor|fur|til|ios) .{2,40}
        skickat fran .{2,60}
        sendt (?:fra|via|med|min) .{2,60}
        lahetetty .{2,60}
        (?:wyslane|wyslano|wyslana|odeslano|odoslane) (?:z|ze|zo) .{2,60}
        iphone-?rol kuldve
        (?:elkuldve|kuldve) .{2,60}
        trimis de (?:pe|la) .{2,60}
        отправлено (?:с|из|от|через) .{2,60}
        надіслано (?:з|із) .{2,60}
        изпратено от .{2,60}
        σταλθηκε απο .{2,60}
        .{2,40}(?:dan|den|imden|tan|ten) gonderildi
        poslano (?:iz|z|s|sa) .{2,60}
        .{0,24}から送信
        .{0,20}(?:发送自|发自|發自|从我的).{0,40}
        .{2,30}에서 보냄
        נשלח מ.{2,40}
        أرسلت من .{2,40}
        dikirim dari .{2,60}
        (?:duoc )?gui tu .{2,60}
        ส่งจาก .{2,40}
        """.strip().splitlines()
    )
)
"""A whole line, folded: the program signs for itself."""

FOOTERS = folded(
    """
    confidentiality notice
    confidentiality note
    confidentiality:
    disclaimer:
    disclaimer
    legal notice
    legal disclaimer
    privileged and confidential
    privileged/confidential
    this e-mail and any
    this email and any
    this e-mail and all
    this e-mail, including
    this email, including
    this e-mail is intended
    this email is intended
    this e-mail may contain
    this email may contain
    this e-mail message is
    this email message is
    this e-mail message, including
    this message is intended
    this message and any
    this message (including
    this message contains
    this message may contain
    this communication is
    this communication may
    this communication, including
    this transmission
    this electronic
    the information contained in
    the information in this
    the information transmitted
    the contents of this e
    any views or opinions
    if you are not the intended
    if you have received this
    please consider the environment
    think before you print
    before printing this
    this email has been checked for viruses
    this e-mail has been scanned
    this email has been scanned
    virus-free. www
    virus-free.www
    no virus found in this
    diese e-mail enthält
    diese e-mail kann
    diese e-mail ist
    diese mail enthält
    diese nachricht enthält
    diese nachricht ist
    der inhalt dieser
    die information in dieser
    haftungsausschluss
    vertraulichkeitshinweis
    bitte denken sie an die umwelt
    ce message et
    ce message est
    ce message électronique
    ce courriel
    ce mail et
    cet e-mail
    avis de confidentialité
    pensez à l'environnement
    este mensaje y
    este mensaje puede
    este mensaje contiene
    este mensaje va
    este mensaje se dirige
    este correo electrónico
    este correo y
    aviso legal
    aviso de confidencialidad
    la información contenida
    esta mensagem
    este email
    este e-mail
    aviso de confidencialidade
    as informações contidas
    questo messaggio
    questa e-mail
    questa mail
    le informazioni contenute
    ai sensi del
    informativa privacy
    dit bericht
    deze e-mail
    de informatie in dit
    detta meddelande
    detta e-postmeddelande
    denne e-post
    denne e-mail
    denne meddelelse
    tämä viesti
    tämä sähköposti
    ta wiadomość
    niniejsza wiadomość
    treść tej wiadomości
    tato zpráva
    obsah této
    ez az üzenet
    ez az e-mail
    acest mesaj
    данное сообщение
    настоящее сообщение
    это сообщение
    информация в этом
    το παρόν μήνυμα
    bu e-posta
    bu mesaj
    このメール
    本メール
    此邮件
    本邮件
    本郵件
    이 메일
    본 메일
    """
)
"""How a paragraph begins that nobody wrote for this mail. Never the first paragraph."""
