"""What people write: answers with quotations as mail programs in many languages make them, and mail that talks about machine mail.

`ANSWERS`: language | own words | how the program announces the quotation. The quotation itself is the mail that was answered, with its footer.
"""

ANSWERS = """
English | Sounds good, call me on Tuesday. | On Mon, Jan 11, 2027 at 10:00 AM Bob Seller <bob@acme.test> wrote:
English | We already have a supplier. | On 11/01/2027 10:00, Bob Seller wrote:
English | Who else uses it? | On Jan 11, 2027, at 10:00, Bob Seller <bob@acme.test> wrote:
English | Fine by me. | In a message dated 1/11/2027 10:00:00 A.M. Central European Time, bob@acme.test writes:
English | Let me check. | 2027-01-11 10:00 GMT+01:00 Bob Seller <bob@acme.test>:
English | Ok then. | Bob Seller <bob@acme.test> wrote:
English | Right. | Quoting Bob Seller <bob@acme.test>:
German | Gerne, rufen Sie mich an. | Am Mo., 11. Jan. 2027 um 10:00 Uhr schrieb Bob Seller <bob@acme.test>:
German | Danke, kein Bedarf. | Am 11.01.2027 um 10:00 schrieb Bob Seller:
German | Passt. | Bob Seller <bob@acme.test> schrieb am Mo., 11. Jan. 2027, 10:00:
French | Bonjour, pourquoi pas. | Le lun. 11 janv. 2027 à 10:00, Bob Seller <bob@acme.test> a écrit :
French | Merci. | Le 11/01/2027 à 10:00, Bob Seller a écrit :
Spanish | Me parece bien. | El lun, 11 ene 2027 a las 10:00, Bob Seller (<bob@acme.test>) escribió:
Catalan | D'acord. | Missatge de Bob Seller <bob@acme.test> del dia dl., 11 de gen. 2027 a les 10:00:
Portuguese | Pode ser. | Em seg., 11 de jan. de 2027 às 10:00, Bob Seller <bob@acme.test> escreveu:
Portuguese | Sim. | Bob Seller <bob@acme.test> escreveu no dia segunda, 11/01/2027 à(s) 10:00:
Italian | Va bene. | Il giorno lun 11 gen 2027 alle ore 10:00 Bob Seller <bob@acme.test> ha scritto:
Italian | Sentiamoci. | Il 11/01/27 10:00, Bob Seller ha scritto:
Dutch | Prima. | Op ma 11 jan. 2027 om 10:00 schreef Bob Seller <bob@acme.test>:
Dutch | Goed. | Op 11-01-2027 om 10:00 schreef Bob Seller:
Swedish | Det låter bra. | Den mån 11 jan. 2027 kl 10:00 skrev Bob Seller <bob@acme.test>:
Norwegian | Greit. | man. 11. jan. 2027 kl. 10:00 skrev Bob Seller <bob@acme.test>:
Danish | Det er fint. | Den man. 11. jan. 2027 kl. 10.00 skrev Bob Seller <bob@acme.test>:
Finnish | Sopii. | ma 11. tammik. 2027 klo 10.00 Bob Seller <bob@acme.test> kirjoitti:
Estonian | Sobib. | Kuupäev E, 11. jaanuar 2027 kell 10:00 kirjutas kasutaja Bob Seller (<bob@acme.test>):
Polish | Proszę o telefon. | pon., 11 sty 2027 o 10:00 Bob Seller <bob@acme.test> napisał(a):
Polish | Dobrze. | W dniu 11.01.2027 o 10:00, Bob Seller pisze:
Czech | Dobře. | po 11. 1. 2027 v 10:00 odesílatel Bob Seller <bob@acme.test> napsal:
Czech | Ano. | Dne 11.01.2027 v 10:00 Bob Seller napsal(a):
Slovak | Dobre. | po 11. 1. 2027 o 10:00 Bob Seller <bob@acme.test> napísal(a):
Hungarian | Rendben. | Bob Seller <bob@acme.test> ezt írta (időpont: 2027. jan. 11., H, 10:00):
Romanian | Bine. | În lun., 11 ian. 2027 la 10:00, Bob Seller <bob@acme.test> a scris:
Slovenian | Velja. | V V pon., 11. jan. 2027 ob 10:00 je oseba Bob Seller <bob@acme.test> napisala:
Croatian | Može. | pon, 11. sij 2027. u 10:00 Bob Seller <bob@acme.test> napisao je:
Serbian | Може. | пон, 11. јан 2027. у 10:00 Bob Seller <bob@acme.test> је написао/ла:
Russian | Хорошо, созвонимся. | пн, 11 янв. 2027 г. в 10:00, Bob Seller <bob@acme.test>:
Russian | Да. | 11.01.2027 10:00, Bob Seller пишет:
Russian | Можно. | Понедельник, 11 января 2027, 10:00 +03:00 от Bob Seller <bob@acme.test>:
Ukrainian | Добре. | пн, 11 січ. 2027 р. о 10:00 Bob Seller <bob@acme.test> пише:
Bulgarian | Добре. | На пн, 11.01.2027 г. в 10:00 Bob Seller <bob@acme.test> написа:
Greek | Εντάξει. | Στις Δευ 11 Ιαν 2027 στις 10:00 π.μ., ο/η Bob Seller <bob@acme.test> έγραψε:
Turkish | Tamam. | Bob Seller <bob@acme.test>, 11 Oca 2027 Pzt, 10:00 tarihinde şunu yazdı:
Hebrew | בסדר. | \u202bבתאריך יום ב׳, 11 בינו׳ 2027 ב-10:00 מאת \u202aBob Seller\u202c\u200f <\u202abob@acme.test\u202c\u200f>:\u202c
Arabic | حسنا. | في الاثنين، 11 يناير 2027 في 10:00 ص تمت كتابة ما يلي بواسطة Bob Seller <bob@acme.test>:
Persian | باشد. | در تاریخ دوشنبه ۱۱ ژانویهٔ 2027، 10:00 Bob Seller <bob@acme.test> نوشت:
Japanese | 了解しました。 | 2027年1月11日(月) 10:00 Bob Seller <bob@acme.test>:
Chinese | 好的。 | Bob Seller <bob@acme.test> 于2027年1月11日周一 10:00写道：
Taiwanese | 可以。 | Bob Seller <bob@acme.test> 於 2027年1月11日 週一 上午10:00寫道：
Korean | 좋습니다. | 2027년 1월 11일 (월) 오전 10:00, Bob Seller <bob@acme.test>님이 작성:
Thai | ตกลง | ในวันที่ จ. 11 ม.ค. 2027 เวลา 10:00 Bob Seller <bob@acme.test> เขียนว่า:
Vietnamese | Được. | Vào Th 2, 11 thg 1, 2027 vào lúc 10:00 Bob Seller <bob@acme.test> đã viết:
Indonesian | Baik. | Pada Sen, 11 Jan 2027 pukul 10.00 Bob Seller <bob@acme.test> menulis:
"""

BLOCKS = """
English | Thanks, let us talk. | -----Original Message-----;From: Bob Seller <bob@acme.test>;Sent: Monday, January 11, 2027 10:00 AM;To: Ann;Subject: Quick question
English | Fine. | ________________________________;From: Bob Seller;Sent: Monday, January 11, 2027 10:00;To: Ann;Subject: Quick question
English | Sure. | *From:* Bob Seller [mailto:bob@acme.test];*Sent:* Monday;*To:* Ann;*Subject:* Quick question
German | Danke. | Von: Bob Seller <bob@acme.test>;Gesendet: Montag, 11. Januar 2027 10:00;An: Ann;Betreff: Kurze Frage
German | Gut. | -----Ursprüngliche Nachricht-----;Von: Bob Seller;Gesendet: Montag;An: Ann;Betreff: Frage
French | Merci. | De : Bob Seller <bob@acme.test>;Envoyé : lundi 11 janvier 2027 10:00;À : Ann;Objet : Question
Spanish | Gracias. | De: Bob Seller <bob@acme.test>;Enviado: lunes, 11 de enero de 2027 10:00;Para: Ann;Asunto: Pregunta
Portuguese | Obrigada. | De: Bob Seller <bob@acme.test>;Enviada em: segunda-feira;Para: Ann;Assunto: Pergunta
Italian | Grazie. | Da: Bob Seller <bob@acme.test>;Inviato: lunedì 11 gennaio 2027 10:00;A: Ann;Oggetto: Domanda
Dutch | Bedankt. | Van: Bob Seller <bob@acme.test>;Verzonden: maandag 11 januari 2027 10:00;Aan: Ann;Onderwerp: Vraag
Swedish | Tack. | Från: Bob Seller <bob@acme.test>;Skickat: den 11 januari 2027 10:00;Till: Ann;Ämne: Fråga
Norwegian | Takk. | Fra: Bob Seller <bob@acme.test>;Sendt: mandag 11. januar 2027 10:00;Til: Ann;Emne: Spørsmål
Finnish | Kiitos. | Lähettäjä: Bob Seller <bob@acme.test>;Lähetetty: maanantai;Vastaanottaja: Ann;Aihe: Kysymys
Polish | Dzięki. | Od: Bob Seller <bob@acme.test>;Wysłano: poniedziałek;Do: Ann;Temat: Pytanie
Czech | Díky. | Od: Bob Seller <bob@acme.test>;Odesláno: pondělí;Komu: Ann;Předmět: Dotaz
Hungarian | Köszönöm. | Feladó: Bob Seller <bob@acme.test>;Elküldve: hétfő;Címzett: Ann;Tárgy: Kérdés
Russian | Спасибо. | От: Bob Seller <bob@acme.test>;Отправлено: понедельник;Кому: Ann;Тема: Вопрос
Turkish | Teşekkürler. | Kimden: Bob Seller <bob@acme.test>;Gönderildi: Pazartesi;Kime: Ann;Konu: Soru
Greek | Ευχαριστώ. | Από: Bob Seller <bob@acme.test>;Στάλθηκε: Δευτέρα;Προς: Ann;Θέμα: Ερώτηση
Japanese | ありがとうございます。 | 差出人: Bob Seller <bob@acme.test>;送信日時: 2027年1月11日 10:00;宛先: Ann;件名: 質問
Chinese | 谢谢。 | 发件人: Bob Seller <bob@acme.test>;发送时间: 2027年1月11日 10:00;收件人: Ann;主题: 问题
Korean | 감사합니다. | 보낸 사람: Bob Seller <bob@acme.test>;보낸 날짜: 2027년 1월 11일;받는 사람: Ann;제목: 질문
"""

TALK = """
Re: out of the office | Bob was out of the office when you wrote, he will be back on Monday.
RE: Automatic reply: Quick question | I am back now. What did you want to know?
AW: Abwesenheitsnotiz | Ich bin wieder da, was gibt es?
TR: Réponse automatique | Voici la réponse de mon collègue.
Out of the box ideas for your office | Do you have ten minutes this week?
Absence: who covers for Ann next week? | Can somebody take over her calls?
Semester planning | When does the new semester start for you?
Re: Undelivered Mail Returned to Sender | Your mail to Ann bounced: "550 5.1.1 user unknown". Please use her new address.
Fwd: Mail delivery failed: returning message to sender | Look what I got, is your address wrong?
Undeliverable packages | We have three packages that could not be delivered to your warehouse. Where should they go?
Holiday | Shall we speak before the holiday?
Failure rates of pump 7 | The delivery failed its test again: 550 units were rejected.
Re: Quick question | I am out of the office this week, but yes, call me on Monday about your offer?
Delivery status | When will the machines be delivered? The last delivery failed.
Your mail | Our mail server rejected your message twice, your address was not found. Can you check?
"""

FORWARDED_NOTICE = """Hi Bob,

I got this back, is your address wrong?

Ann

-------- Forwarded Message --------
Subject: Undelivered Mail Returned to Sender
From: Mail Delivery System <MAILER-DAEMON@prospect.test>
To: ann@prospect.test

This is the mail system at host mx.prospect.test.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<bob@acme.test>: host mx.acme.test said: 550 5.1.1 User unknown
"""
