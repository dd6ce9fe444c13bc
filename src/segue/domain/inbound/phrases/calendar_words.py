"""Names of months and weekdays, and words for "tomorrow" and "two weeks", per language (MAIL-76). A name matches as the beginning of a
word, so that case endings need no entries; names of up to four letters match whole words only."""

from segue.domain.inbound.decode import fold

_MONTHS = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
janv févr mrz avr mai juni juli ago sept okt nov dez
januar februar märz april mai juni juli august september oktober november dezember
jänner feber mrz apr mai jun jul aug sep okt nov dez
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene feb mar abr may jun jul ago set oct nov dic
gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
jan fev mar abr mai jun jul ago set out nov dez
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
gen febbr mar apr mag giu lug ago sett ott nov dic
januari februari maart april mei juni juli augustus september oktober november december
jan feb mrt apr mei jun jul aug sep okt nov dec
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november december
tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
janvār februār martā aprīl maijā jūnijā jūlijā august
janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris
janvāris februāris marta aprīļa maija jūnija jūlija august septembr oktobr novembr decembr
sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
ledna února března dubna května června července srpna září října listopadu prosince
leden únor březen duben květen červen červenec srpen září říjen listopad prosinec
január február marec apríl máj jún júl august september október november december
január február március április május június július augusztus szeptember október november december
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listop studenoga prosinca
januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra
januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra
januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
januar februar mart april maj jun jul avgust septembar oktobar novembar decembar
јануар фебруар март април мај јун јул август септембар октобар новембар децембар
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
янв фев мар апр мая июн июл авг сен окт ноя дек
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
януари февруари март април май юни юли август септември октомври ноември декември
ιανουαρ φεβρουαρ μαρτίου απριλ μαΐου ιουνίου ιουλίου αυγουστ σεπτεμβρ οκτωβρ νοεμβρ δεκεμβρ
ιαν φεβ μαρ απρ μαι ιουν ιουλ αυγ σεπ οκτ νοε δεκ
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
januari februari maret april mei juni juli agustus september oktober november desember
urtarril otsail martxo apiril maiatz ekain uztail abuztu irail urri azaro abendu
janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember
"""

_WEEKDAYS = """
monday tuesday wednesday thursday friday saturday sunday
mon tue wed thu fri sat sun
mon tues weds thur fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonntag
montag dienstag mittwoch donnerstag freitag sonnabend sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miércoles jueves viernes sábado domingo
dilluns dimarts dimecres dijous divendres dissabte diumenge
segunda terça quarta quinta sexta sábado domingo
lunedì martedì mercoledì giovedì venerdì sabato domenica
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
måndag tisdag onsdag torsdag fredag lördag söndag
mandag tirsdag onsdag torsdag fredag lørdag søndag
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
esmaspäev teisipäev kolmapäev neljapäev reede laupäev pühapäev
pirmdien otrdien trešdien ceturtdien piektdien sestdien svētdien
pirmadien antradien trečiadien ketvirtadien penktadien šeštadien sekmadien
poniedział wtor środ czwart piąt sobot niedziel
pondělí úterý střed čtvrt pátek sobot neděl
pondelok utorok streda štvrtok piatok sobota nedeľa
hétfő kedd szerda csütörtök péntek szombat vasárnap
luni marți miercuri joi vineri sâmbătă duminică
ponedjeljak utorak srijed četvrt petak subot nedjelj
ponedeljek torek sred četrtek petek sobot nedelj
понедельник вторник сред четверг пятниц суббот воскресень
понеділ вівтор серед четвер п'ятниц субот неділ
понеделник вторник сряда четвъртък петък събота неделя
δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή
pazartesi salı çarşamba perşembe cuma cumartesi pazar
月曜 火曜 水曜 木曜 金曜 土曜 日曜
星期一 星期二 星期三 星期四 星期五 星期六 星期日
周一 周二 周三 周四 周五 周六 周日
월요일 화요일 수요일 목요일 금요일 토요일 일요일
senin selasa rabu kamis jumat sabtu minggu
"""

_RELATIVE = {
    1: "tomorrow|demain|mañana|amanhã|domani|imorgon|i morgon|i morgen|huomenna|jutro|zítra|zajtra|holnap|mâine|завтра|утре|αύριο|yarın"
    "|明日|明天|내일|besok|ngày mai|พรุ่งนี้|מחר|غدا|demà",
    2: "day after tomorrow|übermorgen|après-demain|pasado mañana|depois de amanhã|dopodomani"
    "|overmorgen|övermorgon|pojutrze|послезавтра|明後日|后天|모레",
}
_NEXT_WEEK = (
    "next week|nächste woche|nächster woche|kommende woche|semaine prochaine|próxima semana"
    "|semana que viene|semana que vem|prossima settimana"
    "|settimana prossima|volgende week|nästa vecka|neste uke"
    "|næste uge|ensi viikolla|w przyszłym tygodniu|příští týden|jövő hét|săptămâna viitoare"
    "|на следующей неделе|наступного тижня|επόμενη εβδομάδα|gelecek hafta|önümüzdeki hafta"
    "|来週|下周|下週|다음 주|minggu depan"
)
_NUMBERS = {
    1: "one a an eine einer einem einen un une una uno uma een en ett yhden jeden jednego one",
    2: "two zwei deux dos due dois duas twee två to kahden dwa dwóch dva двa две два iki 2",
    3: "three drei trois tres tre três drie tre kolmen trzy trzech tři три üç 3",
    4: "four vier quatre cuatro quattro quatro vier fyra fire neljän cztery čtyři четыре dört 4",
    5: "five fünf cinq cinco cinque cinco vijf fem viiden pięć pět пять beş 5",
    6: "six sechs seis sei zes sex seks kuuden sześć šest шесть altı 6",
    7: "seven sieben sept siete sette sete zeven sju syv seitsemän siedem sedm семь yedi 7",
    8: "eight acht huit ocho otto oito åtta otte kahdeksan osiem osm восемь sekiz 8",
    10: "ten zehn dix diez dieci dez tien tio ti kymmenen dziesięć deset десять on 10",
}


def _table(block: str) -> dict[str, int]:
    table: dict[str, int] = {}
    for line in block.strip().splitlines():
        for number, word in enumerate(line.split(), 1):
            table.setdefault(fold(word), number)
    return table


def _flat(block: dict[int, str], separator: str) -> dict[str, int]:
    return {fold(word): number for number, words in block.items() for word in words.split(separator)}


MONTHS = _table(_MONTHS)
WEEKDAYS = _table(_WEEKDAYS)
RELATIVE = _flat(_RELATIVE, "|")
NEXT_WEEK = tuple(fold(word) for word in _NEXT_WEEK.split("|"))
NUMBERS = _flat(_NUMBERS, " ")
