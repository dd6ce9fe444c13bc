"""A clear demand to hear no more is heard in every language; talk about it is not (MAIL-81, MAIL-82)."""

import pytest

from segue.domain.inbound.intent import intent_of

OUT = r"""
unsubscribe
Unsubscribe please.
STOP
Stop.
Please remove me from your list.
Take me off your list, thanks.
Do not contact me again.
Please don't email me anymore.
Hi Bob,\n\nplease unsubscribe me.\n\nAnn
I would like to unsubscribe from these emails.
Not interested. Please remove me from your database and do not contact me.
opt out
Bitte abmelden
Bitte nehmen Sie mich aus Ihrem Verteiler.
Löschen Sie meine Daten.
Keine weiteren E-Mails bitte.
Merci de me désinscrire de votre liste.
Ne me contactez plus.
Désinscription
Por favor, deme de baja de su lista.
Baja
No me escriba más.
Por favor me remova da lista.
Não quero mais receber e-mails.
Cancellatemi dalla lista.
Non desidero ricevere altre mail.
Graag uitschrijven
Schrijf mij uit.
Ta bort mig från listan.
Sluta skicka mejl.
Meld meg av.
Afmeld mig venligst.
Poistakaa minut listalta.
Proszę mnie wypisać.
Proszę usunąć mój adres.
Odhlaste mě prosím.
Nepřeji si další zprávy.
Odhláste ma.
Kérem, töröljenek a listáról.
Vă rog să mă dezabonați.
Отпишите меня.
Не пишите мне больше.
Удалите мой адрес.
Видаліть мене зі списку.
Μη μου στέλνετε άλλα.
Διαγράψτε με.
Beni listeden çıkarın
הסירו אותי
ألغوا اشتراكي
配信停止してください
退订
请勿再发邮件
수신거부
Jangan kirim email lagi.
"""

NOT_OUT = """
Do not unsubscribe me, I like your mails.
Please don't remove me from the list.
How do I unsubscribe a colleague?
Can I unsubscribe later?
If you remove me from the project, who takes over?
Our users can unsubscribe with one click.
We stop production in May, call me in June.
Stop by on Tuesday if you are around, we should talk about the new plant and the seals that you mentioned last time.
Please remove the attachment and send it again.
I will not stop you.
Yes, sounds good.
Nicht abmelden bitte, ich lese das gern.
Bitte löschen Sie mich nicht aus dem Verteiler.
Ne me retirez pas de la liste.
What happens if people unsubscribe?
Interested. What does it cost?
Did you mean to unsubscribe us from the newsletter?
"""

LABELS = [
    ("Not interested, thanks.", "not_interested"),
    ("Kein Interesse.", "not_interested"),
    ("No nos interesa, gracias.", "not_interested"),
    ("I am not the right person for this.", "wrong_person"),
    ("I'm not the right person, please contact carl@prospect.test.", "referral"),
    ("Bitte wenden Sie sich an carl@prospect.test.", "referral"),
    ("Not right now, try again in March.", "later"),
    ("Pas pour le moment.", "later"),
    ("Let's schedule a call for Tuesday.", "meeting"),
    ("Rufen Sie mich an.", "meeting"),
    ("What does it cost?", "question"),
    ("Hm.", "needs_person"),
    ("", "needs_person"),
]


@pytest.mark.parametrize("text", OUT.strip().splitlines())
def test_a_demand_to_stop_is_heard(text):
    assert intent_of(text.replace("\\n", "\n")) == "unsubscribe"


@pytest.mark.parametrize("text", NOT_OUT.strip().splitlines())
def test_talk_about_stopping_is_not_a_demand(text):
    assert intent_of(text) != "unsubscribe"


@pytest.mark.parametrize(("text", "label"), LABELS)
def test_replies_are_labelled(text, label):
    assert intent_of(text) == label
