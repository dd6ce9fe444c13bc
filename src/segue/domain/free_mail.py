"""Domains under which anybody may have an address: people there are no company."""

_NAMES = (
    " gmail.com googlemail.com yahoo.com ymail.com rocketmail.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca"
    " yahoo.co.in yahoo.com.br outlook.com outlook.de outlook.fr outlook.es outlook.it hotmail.com hotmail.co.uk hotmail.fr"
    " hotmail.de hotmail.it hotmail.es live.com live.co.uk live.fr live.nl live.de msn.com icloud.com me.com mac.com aol.com"
    " gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.com mail.ru yandex.ru yandex.com bk.ru list.ru"
    " inbox.ru rambler.ru proton.me protonmail.com protonmail.ch pm.me tutanota.com tuta.io fastmail.com fastmail.fm posteo.de"
    " mailbox.org zoho.com hey.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it alice.it tin.it"
    " bluewin.ch btinternet.com sky.com ntlworld.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net"
    " charter.net shaw.ca rogers.com sympatico.ca bigpond.com optusnet.com.au uol.com.br bol.com.br terra.com.br qq.com"
    " 163.com 126.com sina.com naver.com daum.net hanmail.net rediffmail.com wp.pl o2.pl onet.pl interia.pl seznam.cz email.cz"
    " centrum.cz abv.bg ukr.net telia.com telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl home.nl xs4all.nl"
)
FREE_MAIL_DOMAINS = frozenset(_NAMES.split())
