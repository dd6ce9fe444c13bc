"""Notices in other languages. First what Exchange writes as subject and opening (the code decides the class), then words alone."""

EXCHANGE = """
German | Unzustellbar: | Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:
French | Non remis : | Échec de la remise à ces destinataires ou groupes :
Spanish | No se puede entregar: | Error de entrega a estos destinatarios o grupos:
Portuguese | Não é possível entregar: | Falha na entrega a estes destinatários ou grupos:
Italian | Non recapitabile: | Recapito non riuscito per i seguenti destinatari o gruppi:
Dutch | Onbestelbaar: | Kan het bericht niet bezorgen bij de volgende geadresseerden of groepen:
Swedish | Går inte att leverera: | Det gick inte att leverera till följande mottagare eller grupper:
Norwegian | Kan ikke leveres: | Levering mislyktes til disse mottakerne eller gruppene:
Danish | Kan ikke leveres: | Levering mislykkedes til disse modtagere eller grupper:
Finnish | Ei voi toimittaa: | Toimitus epäonnistui seuraaville vastaanottajille tai ryhmille:
Polish | Niedostarczalne: | Nie można dostarczyć do następujących adresatów lub grup:
Czech | Nedoručitelné: | Doručení těmto příjemcům nebo skupinám se nezdařilo:
Slovak | Nedoručiteľné: | Doručenie týmto príjemcom alebo skupinám zlyhalo:
Hungarian | Kézbesíthetetlen: | A kézbesítés sikertelen volt a következő címzetteknek vagy csoportoknak:
Romanian | Nelivrabil: | Livrarea către acești destinatari sau grupuri nu a reușit:
Russian | Недоставленное сообщение: | Сбой доставки следующим получателям или группам:
Ukrainian | Не доставлено: | Не вдалося доставити таким одержувачам або групам:
Greek | Δεν είναι δυνατή η παράδοση: | Η παράδοση απέτυχε σε αυτούς τους παραλήπτες ή τις ομάδες:
Turkish | Teslim Edilemedi: | Şu alıcılara veya gruplara teslim edilemedi:
Hebrew | לא ניתן למסירה: | המסירה לנמענים או לקבוצות אלה נכשלה:
Arabic | غير قابل للتسليم: | فشل التسليم إلى هؤلاء المستلمين أو المجموعات:
Japanese | 配信不能: | 次の受信者またはグループへの配信に失敗しました:
Chinese | 未送达: | 未能向以下收件人或通讯组传递邮件:
Taiwanese | 無法傳遞: | 無法傳遞給這些收件者或群組:
Korean | 배달되지 않음: | 다음 받는 사람 또는 그룹에 배달하지 못했습니다:
Slovenian | Ni mogoče dostaviti: | Dostava tem prejemnikom ali skupinam ni uspela:
Croatian | Nije moguće isporučiti: | Isporuka nije uspjela za ove primatelje ili grupe:
Bulgarian | Недоставено: | Доставката до тези получатели или групи не бе успешна:
Catalan | No es pot lliurar: | No s'ha pogut lliurar a aquests destinataris o grups:
"""

WORDS = """
German | invalid | Unzustellbar: Frage | Ihre Nachricht konnte nicht zugestellt werden. Empfänger unbekannt: @R
German | full | Nachricht nicht zugestellt | Ihre Nachricht an @R konnte nicht zugestellt werden, das Postfach ist voll.
German | blocked | Nicht zustellbar | Ihre Nachricht an @R konnte nicht zugestellt werden. Sie wurde als Spam eingestuft und abgelehnt.
French | invalid | Message non distribué | Votre message n'a pas pu être remis à @R : utilisateur inconnu.
French | full | Échec de la remise | Votre message n'a pas pu être remis à @R car la boîte aux lettres est pleine.
French | blocked | Non remis : Question | Votre message à @R n'a pas pu être délivré : expéditeur bloqué, liste noire.
Spanish | invalid | Correo devuelto | Su mensaje no se pudo entregar a @R. El usuario no existe.
Spanish | full | No se pudo entregar | Su mensaje no se pudo entregar a @R porque el buzón está lleno.
Spanish | blocked | Error de entrega | Su mensaje a @R no pudo ser entregado: bloqueado por lista negra.
Portuguese | invalid | Mensagem não entregue | Sua mensagem não pôde ser entregue a @R: usuário desconhecido.
Portuguese | full | Falha na entrega | Sua mensagem não pôde ser entregue a @R: caixa postal cheia.
Italian | invalid | Mancata consegna | Il messaggio non è stato consegnato a @R: utente sconosciuto.
Italian | full | Impossibile recapitare il messaggio | Impossibile recapitare a @R: la casella piena non accetta posta.
Italian | blocked | Mancato recapito | Impossibile recapitare a @R: mittente bloccato.
Dutch | invalid | Onbestelbaar: vraag | Uw bericht kon niet worden bezorgd bij @R. De gebruiker bestaat niet.
Dutch | full | Niet bezorgd | Uw bericht kon niet worden bezorgd bij @R: postvak is vol.
Swedish | invalid | Leveransfel | Meddelandet kunde inte levereras till @R. Okänd mottagare.
Swedish | full | Kunde inte levereras | Meddelandet kunde inte levereras till @R. Brevlådan är full.
Danish | invalid | Kunne ikke leveres | Meddelelsen kunne ikke leveres til @R: ukendt modtager.
Norwegian | invalid | Leveringsfeil | Meldingen kunne ikke leveres til @R. Ukjent mottaker.
Finnish | invalid | Toimitus epäonnistui | Viestiä ei voitu toimittaa osoitteeseen @R: tuntematon vastaanottaja.
Polish | invalid | Niedoręczona wiadomość | Wiadomość nie mogła zostać dostarczona do @R: użytkownik nie istnieje.
Polish | full | Zwrot wiadomości | Wiadomość nie mogła zostać dostarczona do @R: skrzynka jest pełna.
Czech | invalid | Nedoručeno | Zprávu se nepodařilo doručit na @R: adresa neexistuje.
Hungarian | invalid | Kézbesítési hiba | Nem sikerült kézbesíteni: @R. Ismeretlen címzett.
Russian | invalid | Сообщение не доставлено | Ваше сообщение не может быть доставлено @R: пользователь не найден.
Russian | full | Ошибка доставки | Не удалось доставить @R: почтовый ящик переполнен.
Russian | blocked | Недоставленное сообщение | Не удалось доставить @R: отправитель заблокирован как спам.
Ukrainian | invalid | Помилка доставки | Не вдалося доставити @R: адреса не існує.
Turkish | invalid | İletilemedi | Mesajınız teslim edilemedi: @R. Kullanıcı bulunamadı.
Greek | invalid | Αποτυχία παράδοσης | Δεν ήταν δυνατή η παράδοση στο @R: άγνωστος παραλήπτης.
Japanese | invalid | 配信エラー | 次のあて先へのメッセージはエラーのため送信できませんでした。 @R 宛先のユーザーは存在しません。
Japanese | full | メール配信に失敗しました | メールを配信できませんでした。 @R のメールボックスがいっぱいです。
Chinese | invalid | 系统退信 | 抱歉，您的邮件被退回来了。收件人 @R 不存在。
Chinese | full | 退信通知 | 您的邮件无法送达 @R，对方邮箱已满。
Chinese | blocked | 投递失败 | 您的邮件无法送达 @R，被识别为垃圾邮件。
Korean | invalid | 메일 발송 실패 안내 | @R 님에게 메일을 전달하지 못했습니다. 존재하지 않는 사용자입니다.
Korean | full | 반송된 메일 | @R 님에게 메일이 배달되지 않았습니다. 사서함이 가득 찼습니다.
Hebrew | invalid | הודעה שלא נמסרה: לא ניתן למסור | לא ניתן היה למסור את ההודעה אל @R. הנמען לא נמצא.
Arabic | invalid | تعذر تسليم الرسالة | تعذر تسليم رسالتك إلى @R. المستخدم غير موجود.
"""
