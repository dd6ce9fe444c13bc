"""Which time zone a city, a region or a country lies in (SEQ-70), and what countries are called. Pure; a table of our own.

From common geographic knowledge: large cities, states and provinces under one clock. A region with two clocks stands here only where some
19 of 20 people live by one of them (Texas, Florida, Michigan, Kansas, Nebraska, Oregon, Quebec, …), and not at all otherwise (Tennessee,
Kentucky, Indiana, both Dakotas, Idaho): then the next source decides. A name that stands for places under different clocks (London in
Ontario, Birmingham in Alabama) counts only where region or country tells which.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

_CITIES = {
    "US America/New_York": "new york, new york city, nyc, brooklyn, boston, philadelphia, washington, washington dc, miami, atlanta,"
    " charlotte, detroit, columbus, cleveland, cincinnati, pittsburgh, baltimore, orlando, tampa, jacksonville, raleigh, durham,"
    " buffalo, rochester, richmond, virginia beach, hartford, providence, newark, jersey city, indianapolis, louisville, knoxville,"
    " cambridge, stamford, burlington, manchester, portland, fort lauderdale, west palm beach, savannah, charleston, ann arbor,"
    " grand rapids, albany, syracuse, princeton",
    "US America/Chicago": "chicago, houston, dallas, san antonio, austin, fort worth, minneapolis, saint paul, st. paul, milwaukee,"
    " madison, kansas city, st. louis, saint louis, new orleans, nashville, memphis, oklahoma city, tulsa, omaha, des moines,"
    " birmingham, little rock, pensacola, wichita, baton rouge, jackson, huntsville, plano, irving, arlington, lincoln, sioux"
    " falls, fargo, mobile",
    "US America/Denver": "denver, salt lake city, albuquerque, colorado springs, boulder, provo, lehi, el paso, cheyenne, billings,"
    " santa fe",
    "US America/Boise": "boise",
    "US America/Phoenix": "phoenix, tucson, scottsdale, mesa, tempe, chandler",
    "US America/Los_Angeles": "los angeles, san francisco, san diego, san jose, seattle, portland, las vegas, sacramento, oakland, fresno,"
    " long beach, palo alto, mountain view, menlo park, sunnyvale, santa clara, cupertino, redmond, bellevue, spokane, tacoma,"
    " irvine, anaheim, santa monica, berkeley, pasadena, reno, san mateo, redwood city, santa barbara, fremont, vancouver",
    "US America/Anchorage": "anchorage",
    "US Pacific/Honolulu": "honolulu",
    "CA America/Toronto": "toronto, montreal, ottawa, quebec, quebec city, mississauga, hamilton, waterloo, kitchener, london, brampton,"
    " markham, laval, kingston, windsor",
    "CA America/Vancouver": "vancouver, victoria, burnaby, surrey, richmond, kelowna",
    "CA America/Edmonton": "calgary, edmonton",
    "CA America/Winnipeg": "winnipeg",
    "CA America/Regina": "regina, saskatoon",
    "CA America/Halifax": "halifax",
    "CA America/Moncton": "moncton, fredericton",
    "CA America/St_Johns": "st. john's, saint john's",
    "MX America/Mexico_City": "mexico city, ciudad de mexico, cdmx, guadalajara, puebla, queretaro, leon",
    "MX America/Monterrey": "monterrey",
    "MX America/Tijuana": "tijuana, mexicali",
    "MX America/Cancun": "cancun, playa del carmen",
    "BR America/Sao_Paulo": "sao paulo, rio de janeiro, brasilia, belo horizonte, curitiba, porto alegre, campinas, florianopolis, goiania",
    "BR America/Bahia": "salvador",
    "BR America/Recife": "recife",
    "BR America/Fortaleza": "fortaleza, natal",
    "BR America/Manaus": "manaus",
    "BR America/Belem": "belem",
    "BR America/Cuiaba": "cuiaba",
    "AR America/Argentina/Buenos_Aires": "buenos aires, rosario, la plata, mar del plata",
    "AR America/Argentina/Cordoba": "cordoba",
    "CL America/Santiago": "santiago, santiago de chile, valparaiso, concepcion",
    "CL America/Punta_Arenas": "punta arenas",
    "CO America/Bogota": "bogota, medellin, cali, barranquilla",
    "PE America/Lima": "lima, arequipa",
    "EC America/Guayaquil": "quito, guayaquil",
    "VE America/Caracas": "caracas",
    "UY America/Montevideo": "montevideo",
    "GB Europe/London": "london, manchester, birmingham, leeds, glasgow, edinburgh, liverpool, bristol, cambridge, oxford, cardiff,"
    " belfast, sheffield, newcastle, nottingham, brighton, reading, southampton, aberdeen, leicester, york",
    "IE Europe/Dublin": "dublin, cork, galway, limerick",
    "PT Europe/Lisbon": "lisbon, lisboa, porto, braga, coimbra",
    "PT Atlantic/Azores": "ponta delgada",
    "PT Atlantic/Madeira": "funchal",
    "ES Europe/Madrid": "madrid, barcelona, valencia, sevilla, seville, zaragoza, malaga, bilbao, palma, palma de mallorca, alicante,"
    " murcia, cordoba, granada, vigo, san sebastian",
    "ES Atlantic/Canary": "las palmas, las palmas de gran canaria, santa cruz de tenerife",
    "FR Europe/Paris": "paris, lyon, marseille, toulouse, nice, nantes, bordeaux, lille, strasbourg, montpellier, rennes, grenoble",
    "DE Europe/Berlin": "berlin, hamburg, munchen, muenchen, munich, koln, koeln, cologne, frankfurt, frankfurt am main, stuttgart,"
    " dusseldorf, duesseldorf, leipzig, dortmund, essen, bremen, dresden, hannover, hanover, nurnberg, nuernberg, nuremberg, bonn,"
    " karlsruhe, mannheim, munster, muenster, aachen, freiburg, heidelberg, mainz, kiel",
    "AT Europe/Vienna": "wien, vienna, graz, linz, salzburg, innsbruck",
    "CH Europe/Zurich": "zurich, zuerich, geneva, geneve, genf, basel, bern, lausanne, zug, luzern, lucerne, winterthur, st. gallen",
    "IT Europe/Rome": "rome, roma, milan, milano, turin, torino, naples, napoli, bologna, florence, firenze, verona, venice, venezia,"
    " genoa, genova",
    "NL Europe/Amsterdam": "amsterdam, rotterdam, utrecht, the hague, den haag, eindhoven, groningen, delft",
    "BE Europe/Brussels": "brussels, bruxelles, brussel, antwerp, antwerpen, ghent, gent, leuven, liege",
    "LU Europe/Luxembourg": "luxembourg",
    "DK Europe/Copenhagen": "copenhagen, kobenhavn, aarhus, odense, aalborg",
    "SE Europe/Stockholm": "stockholm, gothenburg, goteborg, malmo, uppsala, lund",
    "NO Europe/Oslo": "oslo, bergen, trondheim, stavanger",
    "FI Europe/Helsinki": "helsinki, espoo, tampere, turku, oulu",
    "IS Atlantic/Reykjavik": "reykjavik",
    "PL Europe/Warsaw": "warsaw, warszawa, krakow, cracow, wroclaw, poznan, gdansk, lodz, katowice",
    "CZ Europe/Prague": "prague, praha, brno, ostrava",
    "SK Europe/Bratislava": "bratislava, kosice",
    "HU Europe/Budapest": "budapest, debrecen",
    "RO Europe/Bucharest": "bucharest, bucuresti, cluj-napoca, cluj, timisoara, iasi",
    "BG Europe/Sofia": "sofia, plovdiv, varna",
    "GR Europe/Athens": "athens, thessaloniki, patras",
    "HR Europe/Zagreb": "zagreb, split",
    "SI Europe/Ljubljana": "ljubljana, maribor",
    "RS Europe/Belgrade": "belgrade, beograd, novi sad",
    "EE Europe/Tallinn": "tallinn, tartu",
    "LV Europe/Riga": "riga",
    "LT Europe/Vilnius": "vilnius, kaunas",
    "UA Europe/Kyiv": "kyiv, kiev, lviv, odesa, odessa, kharkiv, dnipro",
    "BY Europe/Minsk": "minsk",
    "RU Europe/Moscow": "moscow, moskva, saint petersburg, st. petersburg, kazan, nizhny novgorod",
    "RU Asia/Yekaterinburg": "yekaterinburg",
    "RU Asia/Novosibirsk": "novosibirsk",
    "RU Asia/Vladivostok": "vladivostok",
    "TR Europe/Istanbul": "istanbul, ankara, izmir, bursa, antalya",
    "IL Asia/Jerusalem": "tel aviv, jerusalem, haifa, herzliya, ramat gan",
    "AE Asia/Dubai": "dubai, abu dhabi, sharjah",
    "SA Asia/Riyadh": "riyadh, jeddah, dammam",
    "QA Asia/Qatar": "doha",
    "EG Africa/Cairo": "cairo, alexandria, giza",
    "MA Africa/Casablanca": "casablanca, rabat, marrakesh, marrakech, tangier",
    "NG Africa/Lagos": "lagos, abuja",
    "KE Africa/Nairobi": "nairobi, mombasa",
    "GH Africa/Accra": "accra",
    "ZA Africa/Johannesburg": "johannesburg, cape town, durban, pretoria",
    "IN Asia/Kolkata": "mumbai, bombay, delhi, new delhi, bangalore, bengaluru, hyderabad, chennai, pune, kolkata, ahmedabad, gurgaon,"
    " gurugram, noida, jaipur, kochi",
    "PK Asia/Karachi": "karachi, lahore, islamabad, hyderabad",
    "BD Asia/Dhaka": "dhaka",
    "LK Asia/Colombo": "colombo",
    "SG Asia/Singapore": "singapore",
    "MY Asia/Kuala_Lumpur": "kuala lumpur, penang",
    "ID Asia/Jakarta": "jakarta, bandung, surabaya",
    "ID Asia/Makassar": "denpasar, makassar",
    "TH Asia/Bangkok": "bangkok, chiang mai",
    "VN Asia/Ho_Chi_Minh": "ho chi minh city, saigon, hanoi, da nang",
    "PH Asia/Manila": "manila, quezon city, makati, cebu, cebu city",
    "CN Asia/Shanghai": "shanghai, beijing, shenzhen, guangzhou, hangzhou, chengdu, nanjing, wuhan, suzhou, tianjin, chongqing",
    "HK Asia/Hong_Kong": "hong kong",
    "TW Asia/Taipei": "taipei, hsinchu, kaohsiung",
    "JP Asia/Tokyo": "tokyo, osaka, kyoto, yokohama, nagoya, fukuoka, sapporo, kobe",
    "KR Asia/Seoul": "seoul, busan, incheon, daejeon",
    "KZ Asia/Almaty": "almaty, astana",
    "AU Australia/Sydney": "sydney, canberra, newcastle",
    "AU Australia/Melbourne": "melbourne, geelong",
    "AU Australia/Brisbane": "brisbane, gold coast, cairns",
    "AU Australia/Perth": "perth",
    "AU Australia/Adelaide": "adelaide",
    "AU Australia/Darwin": "darwin",
    "AU Australia/Hobart": "hobart",
    "NZ Pacific/Auckland": "auckland, wellington, christchurch, hamilton, dunedin",
}

_REGIONS = {
    "US America/New_York": "ct connecticut, de delaware, dc district of columbia, fl florida, ga georgia, me maine, md maryland, ma"
    " massachusetts, mi michigan, nh new hampshire, nj new jersey, ny new york, nc north carolina, oh ohio, pa pennsylvania, ri"
    " rhode island, sc south carolina, vt vermont, va virginia, wv west virginia",
    "US America/Chicago": "al alabama, ar arkansas, il illinois, ia iowa, ks kansas, la louisiana, mn minnesota, ms mississippi, mo"
    " missouri, ne nebraska, ok oklahoma, tx texas, wi wisconsin",
    "US America/Denver": "co colorado, mt montana, nm new mexico, ut utah, wy wyoming",
    "US America/Phoenix": "az arizona",
    "US America/Los_Angeles": "ca california, nv nevada, or oregon, wa washington",
    "US America/Anchorage": "ak alaska",
    "US Pacific/Honolulu": "hi hawaii",
    "CA America/Toronto": "on ontario, qc quebec",
    "CA America/Vancouver": "bc british columbia",
    "CA America/Edmonton": "ab alberta",
    "CA America/Regina": "sk saskatchewan",
    "CA America/Winnipeg": "mb manitoba",
    "CA America/Halifax": "ns nova scotia, pe prince edward island",
    "CA America/Moncton": "nb new brunswick",
    "CA America/St_Johns": "nl newfoundland and labrador, newfoundland",
    "CA America/Whitehorse": "yt yukon",
    "AU Australia/Sydney": "nsw new south wales, act australian capital territory",
    "AU Australia/Melbourne": "vic victoria",
    "AU Australia/Brisbane": "qld queensland",
    "AU Australia/Perth": "wa western australia",
    "AU Australia/Adelaide": "sa south australia",
    "AU Australia/Darwin": "nt northern territory",
    "AU Australia/Hobart": "tas tasmania",
    "BR America/Sao_Paulo": "sp sao paulo, rj rio de janeiro, mg minas gerais, pr parana, rs rio grande do sul, sc santa catarina, es"
    " espirito santo, df distrito federal, go goias",
    "BR America/Bahia": "ba bahia",
    "BR America/Fortaleza": "ce ceara, rn rio grande do norte, ma maranhao, pi piaui, pb paraiba",
    "BR America/Recife": "pernambuco",
    "BR America/Manaus": "amazonas",
    "BR America/Cuiaba": "mato grosso",
    "ES Atlantic/Canary": "canarias, canary islands, islas canarias",
    "ES Europe/Madrid": "catalunya, cataluna, catalonia, comunidad de madrid, andalucia, andalusia, pais vasco, basque country, comunidad"
    " valenciana, galicia, islas baleares, balearic islands",
    "PT Atlantic/Azores": "acores, azores",
    "PT Atlantic/Madeira": "madeira",
    "GB Europe/London": "england, scotland, wales, northern ireland",
    "DE Europe/Berlin": "bayern, bavaria, hessen, sachsen, nordrhein-westfalen, nrw, baden-wurttemberg, baden-wuerttemberg, niedersachsen,"
    " rheinland-pfalz, schleswig-holstein, thuringen, brandenburg, sachsen-anhalt, mecklenburg-vorpommern, saarland",
    "MX America/Mexico_City": "jalisco, estado de mexico, guanajuato",
    "MX America/Monterrey": "nuevo leon",
    "MX America/Cancun": "quintana roo",
    "MX America/Hermosillo": "sonora",
    "MX America/Tijuana": "baja california",
}

_COUNTRY_NAMES = {
    "US": "usa, u.s., u.s.a., united states, united states of america, america, vereinigte staaten, etats-unis, estados unidos",
    "GB": "uk, u.k., united kingdom, great britain, britain, england, scotland, wales, grossbritannien, vereinigtes konigreich, royaume-"
    " uni, reino unido",
    "DE": "deutschland, allemagne, alemania, germania, duitsland",
    "AT": "osterreich, oesterreich, autriche",
    "CH": "schweiz, suisse, svizzera, suiza",
    "FR": "frankreich, francia, frankrijk",
    "IT": "italia, italien, italie",
    "ES": "espana, spanien, espagne",
    "NL": "nederland, niederlande, holland, the netherlands, pays-bas",
    "BE": "belgien, belgique, belgie",
    "PL": "polska, polen, pologne",
    "CZ": "czechia, czech republic, tschechien, cesko",
    "DK": "danmark, danemark",
    "SE": "sverige, schweden, suede",
    "NO": "norge, norwegen, norvege",
    "FI": "suomi, finnland, finlande",
    "IE": "republic of ireland, irland, irlande, eire",
    "BR": "brasil, brasilien",
    "MX": "mexico, mexiko",
    "RU": "russian federation, russland",
    "TR": "turkey, turkei, turkiye",
    "KR": "south korea, korea, republic of korea",
    "JP": "japan",
    "CN": "china, people's republic of china, prc",
    "VN": "viet nam",
    "CI": "ivory coast, cote d'ivoire",
    "AE": "uae, united arab emirates, emirates",
    "ZA": "rsa",
    "NZ": "aotearoa",
    "LU": "luxemburg",
    "GR": "hellas, griechenland",
    "HU": "magyarorszag, ungarn",
    "RO": "rumanien",
    "PT": "portugal",
}
"""Names beside those of the ISO table that comes with the zone data."""


def plain(text: str) -> str:
    """Return a name as it is compared: lower case, no accents, single blanks."""
    return " ".join(_ascii(text).split())


def _ascii(text: str) -> str:
    folded = text.casefold()
    return (
        folded
        if folded.isascii()
        else unicodedata.normalize("NFKD", folded.replace("ø", "o").replace("ł", "l")).encode("ascii", "ignore").decode()
    )


def _index(table: Mapping[str, str], *, abbreviated: bool = False) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return country and zone of each name; with `abbreviated`, an entry may begin with the short form of what follows."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for place, names in table.items():
        country, _, zone = place.partition(" ")
        for name in names.split(","):
            short = re.fullmatch(r"([a-z]{2,3}) (.+)", name.strip()) if abbreviated else None
            for each in short.groups() if short else (name.strip(),):
                found[each] = (*found.get(each, ()), (country, zone))
    return found


CITIES = _index(_CITIES)
REGIONS = _index(_REGIONS, abbreviated=True)
_CODES = {name.strip(): code for code, names in _COUNTRY_NAMES.items() for name in names.split(",")}


def country_code(text: str, iso: Mapping[str, str]) -> str:
    """Return the ISO 3166 code of a country as somebody wrote it; empty when nobody can tell. `iso`: code of each plain English name."""
    name = plain(text)
    if len(name) == 2 and name.upper() in iso.values():
        return name.upper()
    return _CODES.get(name) or iso.get(name, "")


def zone_of_place(city: str, region: str, country: str) -> str:
    """Return the zone of a city, else of a region; empty when the table does not know it or the name is not plain. `country` is a code.

    Where the two differ the region is believed: there is an Arlington in Virginia, and only one El Paso.
    """
    regions = _within(REGIONS.get(plain(region), ()), country)
    where = country or _only(land for land, _ in regions)
    of_city = _only(zone for _, zone in _within(CITIES.get(plain(city), ()), where))
    of_region = _only(zone for _, zone in regions)
    if of_city and (not of_region or plain(city) in _OFF_THEIR_REGION):
        return of_city
    return of_region


_OFF_THEIR_REGION = frozenset({"el paso", "pensacola"})
"""Cities of a region above that live by another clock."""


def _within(places: tuple[tuple[str, str], ...], country: str) -> tuple[tuple[str, str], ...]:
    return tuple(place for place in places if not country or place[0] == country)


def _only(values: Iterable[str]) -> str:
    """Return the one value there is; empty for none and for several."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else ""
