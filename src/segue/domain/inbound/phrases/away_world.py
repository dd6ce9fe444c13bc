"""Beginnings of subjects that only machines write: Northern and Eastern Europe, the Near East and Asia (MAIL-74)."""

from segue.domain.inbound.phrases import folded

NORTH_EAST = folded(
    """
    # Swedish
    autosvar
    automatiskt svar
    automatsvar
    frånvaromeddelande
    ej på kontoret
    inte på kontoret
    # Norwegian
    automatisk svar
    fraværsmelding
    ikke på kontoret
    ute av kontoret
    # Danish
    fraværsbesked
    fraværsmeddelelse
    jeg er ikke på kontoret
    # Finnish, Estonian
    automaattinen vastaus
    automaattivastaus
    poissa toimistosta
    poissaoloviesti
    poissaoloilmoitus
    automaatvastus
    kontorist väljas
    # Latvian, Lithuanian, Icelandic
    automātiskā atbilde
    automātiska atbilde
    automatinis atsakymas
    automatinis atsakas
    nesu biure
    sjálfvirkt svar
    # Polish
    odpowiedź automatyczna
    automatyczna odpowiedź
    autoodpowiedź
    auto odpowiedź
    poza biurem
    jestem poza biurem
    # Czech, Slovak
    automatická odpověď
    automatická odpoveď
    automatická odp
    mimo kanceláriu
    nejsem v kanceláři
    jsem mimo kancelář
    # Hungarian
    automatikus válasz
    házon kívül
    házon kívüli
    irodán kívül
    irodán kívüli
    # Romanian, Moldovan
    răspuns automat
    în afara biroului
    absent din birou
    # Slovenian, Croatian, Bosnian, Serbian, Macedonian, Albanian
    samodejni odgovor
    avtomatski odgovor
    automatski odgovor
    izvan ureda
    аутоматски одговор
    автоматски одговор
    përgjigje automatike
    jashtë zyrës
    # Turkish, Azerbaijani
    otomatik yanıt
    otomatik cevap
    ofis dışında
    ofis dışı
    ofis dışındayım
    iş yeri dışında
    işyeri dışında
    avtomatik cavab
    # Greek
    αυτόματη απάντηση
    αυτοματοποιημένη απάντηση
    εκτός γραφείου
    # Maltese, Irish, Welsh
    tweġiba awtomatika
    freagra uathoibríoch
    ymateb awtomatig
    """
)

WORLD = folded(
    """
    # Russian, Ukrainian, Belarusian, Bulgarian, Kazakh
    автоматический ответ
    автоответ
    автоответчик
    отсутствие на рабочем месте
    вне офиса
    нахожусь в отпуске
    автоматична відповідь
    автовідповідь
    поза офісом
    аўтаматычны адказ
    автоматичен отговор
    извън офиса
    автоматты жауап
    # Hebrew, Arabic, Persian, Urdu
    תשובה אוטומטית
    מענה אוטומטי
    מחוץ למשרד
    رد تلقائي
    الرد التلقائي
    رد آلي
    خارج المكتب
    پاسخ خودکار
    خارج از دفتر
    خودکار جواب
    # Japanese
    自動応答
    自動返信
    自動回答
    不在通知
    不在のお知らせ
    休暇のお知らせ
    【自動返信】
    【自動応答】
    [自動返信]
    [自動応答]
    【不在】
    # Chinese
    自动答复
    自动回复
    自动回覆
    自動回覆
    自動回復
    自動答覆
    自動回應
    不在办公室
    不在辦公室
    休假通知
    【自动回复】
    # Korean
    자동 회신
    자동회신
    자동 응답
    자동응답
    자동 답장
    부재중
    부재 중
    [자동응답]
    [자동회신]
    # Hindi, Thai, Vietnamese, Indonesian, Malay, Filipino
    स्वचालित उत्तर
    स्वचालित जवाब
    कार्यालय से बाहर
    ตอบกลับอัตโนมัติ
    การตอบกลับอัตโนมัติ
    ตอบรับอัตโนมัติ
    ไม่อยู่ที่สำนักงาน
    ไม่อยู่ที่ทำงาน
    trả lời tự động
    thư trả lời tự động
    ngoài văn phòng
    balasan otomatis
    jawaban otomatis
    di luar kantor
    balasan automatik
    di luar pejabat
    awtomatikong tugon
    """
)
