"""Words of delivery failure in subjects: all languages but English, German and the Romance ones."""

from segue.domain.inbound.phrases import folded

NORTH_EAST = folded(
    """
    # Italian
    non recapitabile
    impossibile recapitare
    mancato recapito
    mancata consegna
    non recapitat
    non consegnat
    non consegnabile
    stato del recapito
    stato di consegna
    stato della consegna
    errore di consegna
    errore di recapito
    errore nella consegna
    consegna fallita
    recapito non riuscito
    consegna non riuscita
    restituito al mittente
    consegna ritardata
    ritardo nella consegna
    notifica di mancat
    messaggio non inviato
    # Dutch
    niet bezorgd
    niet bezorgbaar
    onbestelbaar
    niet afgeleverd
    niet worden bezorgd
    niet worden afgeleverd
    bezorging mislukt
    aflevering mislukt
    bezorgingsstatus
    status van bezorging
    leveringsstatus
    afleverfout
    niet besteld
    bezorging vertraagd
    niet verzonden
    # Swedish, Norwegian, Danish
    går inte att leverera
    gick inte att leverera
    kan inte levereras
    kunde inte levereras
    inte levererats
    ej levererat
    olevererbart
    leveransfel
    leveransstatus
    leveransen misslyckades
    leverans misslyckades
    leveransmeddelande
    kan ikke leveres
    kunne ikke leveres
    kan ikke afleveres
    kunne ikke afleveres
    ikke leveret
    ikke levert
    ikke afleveret
    uleverbar
    leveringsfeil
    leveringsfejl
    leveringsstatus
    leveringen mislyktes
    levering mislyktes
    levering mislykkedes
    leveringen mislykkedes
    returneret post
    kunne ikke sendes
    # Finnish
    ei voi toimittaa
    ei voitu toimittaa
    ei voida toimittaa
    ei toimitettu
    toimitus epäonnistui
    toimittaminen epäonnistui
    toimittamaton
    toimituksen tila
    perille toimittaminen
    # Polish
    nie można dostarczyć
    nie dostarczono
    niedostarczon
    niedostarczaln
    niedoręczon
    zwrot wiadomości
    zwrot poczty
    błąd dostarcz
    niepowodzenie dostarcz
    stanie dostarczenia
    nieudane dostarczenie
    nie została dostarczona
    nie mogła zostać dostarczona
    opóźnione dostarczenie
    # Czech, Slovak
    nedoručiteln
    nedoručen
    nelze doručit
    nebyla doručena
    nebyl doručen
    stavu doručení
    chyba doručení
    chyba při doručování
    selhání doručení
    nie je možné doručiť
    nemožno doručiť
    nepodarilo sa doručiť
    nedoruč
    zlyhanie doručenia
    # Hungarian, Romanian
    kézbesíthetetlen
    nem kézbesíthető
    sikertelen kézbesítés
    kézbesítési hiba
    kézbesítési állapot
    nem sikerült kézbesíteni
    nelivrabil
    nu se poate livra
    nu a putut fi livrat
    livrare eșuată
    nelivrat
    eroare de livrare
    starea livrării
    """
)

WORLD = folded(
    """
    # Russian, Ukrainian, Bulgarian
    недоставлен
    не доставлен
    не удалось доставить
    невозможно доставить
    ошибка доставки
    ошибка при доставке
    состоянии доставки
    статусе доставки
    отчет о недоставке
    возврат письма
    возврат сообщения
    не может быть доставлен
    не было доставлен
    доставка не удалась
    сбой доставки
    задержка доставки
    не вдалося доставити
    неможливо доставити
    помилка доставки
    стан доставки
    недоставен
    не може да бъде доставен
    не е доставен
    # Greek
    δεν είναι δυνατή η παράδοση
    αποτυχία παράδοσης
    δεν παραδόθηκε
    αδυναμία παράδοσης
    μη παραδοτέ
    κατάσταση παράδοσης
    # Turkish
    teslim edilemedi
    δεν ήταν δυνατή η παράδοση
    η παράδοση απέτυχε
    δεν παραδόθηκε
    teslim edilemeyen
    teslim edilemez
    iletilemedi
    iletilemeyen
    teslim durumu
    teslimat başarısız
    gönderilemedi
    # Croatian, Slovenian, Catalan
    nije moguće isporučiti
    isporuka nije uspjela
    nije isporučen
    neisporučen
    ni mogoče dostaviti
    nedostavljiv
    ni bilo mogoče dostaviti
    no es pot lliurar
    no s'ha pogut lliurar
    no lliurat
    # Baltic
    kohaletoimetamine nurjus
    ei saa kohale toimetada
    kättetoimetamatu
    nepristatyt
    nepavyko pristatyti
    nepiegādāt
    nevar piegādāt
    # Hebrew, Arabic, Persian
    לא ניתן למסירה
    לא ניתן למסור
    לא נמסרה
    מסירה נכשלה
    غير قابل للتسليم
    تعذر التسليم
    تعذر تسليم
    فشل التسليم
    فشل تسليم
    لم يتم تسليم
    غیر قابل تحویل
    # Japanese
    配信不能
    配信できません
    配信されません
    配信エラー
    配信に失敗
    配信失敗
    配信状況
    配信状態
    配信不可
    配信の失敗
    配信が遅延
    送信できません
    送信エラー
    送信失敗
    未配信
    未配達
    配達不能
    配達できません
    不達
    メールエラー
    エラーメール
    宛先不明
    届けられません
    届きません
    返送
    # Chinese
    未送达
    未送達
    无法送达
    無法送達
    无法投递
    無法投遞
    未传递
    未傳遞
    无法传递
    無法傳遞
    无法传送
    無法傳送
    無法遞送
    退信
    退件
    退回
    投递失败
    投遞失敗
    发送失败
    發送失敗
    传送失败
    傳送失敗
    寄送失敗
    传递状态
    傳遞狀態
    传递失败
    傳遞失敗
    送达状态
    送達狀態
    未能送达
    投递状态
    # Korean
    배달되지 않
    배달하지 못
    배달할 수 없
    배달 실패
    배달 상태
    전송 실패
    전송실패
    발송 실패
    발송실패
    전달되지 않
    전달할 수 없
    전송되지 않
    전송 상태
    반송
    수신 실패
    # Thai, Vietnamese, Indonesian, Malay
    ไม่สามารถส่ง
    ส่งไม่สำเร็จ
    ไม่สามารถนำส่ง
    không thể gửi
    không gửi được
    không thể phân phối
    chưa gửi được
    tidak terkirim
    gagal terkirim
    tidak dapat dikirim
    pengiriman gagal
    tidak dapat dihantar
    gagal dihantar
    """
)
