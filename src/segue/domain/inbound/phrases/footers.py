"""Lines below a reply that nobody wrote for it: device lines and legal footers, per language (MAIL-79)."""

import re

from segue.domain.inbound.phrases import folded

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
