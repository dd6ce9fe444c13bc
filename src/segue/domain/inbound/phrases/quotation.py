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
