"""Notices told in one line each: what many servers say about one failure. `\\n` is a line end, `@M` a mail system, `@R` the recipient."""

SHORT = r"""
invalid | MAILER-DAEMON@163.test | 系统退信 | 抱歉，您的来信被退回。\n\n收件人邮件地址（@R）不存在，邮件无法送达。\n550 RP:RCP http://mail.163.test/help
invalid | PostMaster@qq.test | 来自qq邮箱的退信 | 很抱歉，您发送的邮件被退回，以下是该邮件的相关信息：\n\n被退回邮件\n主 题：问题\n\n无法发送到 @R\n\n退信原因 收件人邮件地址（@R）不存在，邮件无法送达。\nhost mx said: 550 Mailbox not found
full | mailer-daemon@naver.test | [발송실패 안내] 메일이 전송되지 못하였습니다. | 메일이 정상적으로 발송되지 못했습니다.\n받는사람 : @R\n발송실패 사유 : 수신자의 메일함 용량이 초과되어 메일을 받을 수 없습니다.
blocked | postmaster@mimecast.test | [Postmaster] Email Delivery Failure | Your message to @R could not be delivered.\n\nThe following error: 550 Administrative prohibition - envelope blocked - https://community.mimecast.test/docs/DOC-1369#550
blocked | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 550 SC-001 (BAY004-MC1F1) Unfortunately, messages from 1.2.3.4 weren't sent. Please contact your Internet service provider since part of their network is on our block list.
blocked | @M | Undelivered Mail Returned to Sender | <@R>: host mta7.am0.yahoodns.test said: 421 4.7.0 [TSS04] Messages from 1.2.3.4 temporarily deferred due to user complaints
network | @M | Undelivered Mail Returned to Sender | <@R>: connect to prospect.test[192.0.2.1]:25: Connection refused
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 550 5.1.1 <@R> recipient rejected, IB603a (in reply to RCPT TO command)
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 550 #5.1.0 Address rejected. (in reply to RCPT TO command)
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 550 Invalid recipient <@R> (#5.1.1)
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 554 5.7.1 <@R>: Recipient address rejected: user @R does not exist
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 550-Requested action not taken: mailbox unavailable 550 invalid DNS MX or A/AAAA resource record (in reply to RCPT)
blocked | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 554 5.7.1 Message rejected due to content restrictions / spam
blocked | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 571 Email from 1.2.3.4 is currently blocked by Verizon Online anti-spam system
blocked | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 550 5.7.1 Mail from IP 1.2.3.4 was rejected due to listing in Spamhaus SBL
full | @M | Undelivered Mail Returned to Sender | <@R>: host gmail said: 552-5.2.2 The email account that you tried to reach is over quota. Please direct the recipient to x
full | @M | Undelivered Mail Returned to Sender | <@R>: maildir delivery failed: The user you are trying to contact has exceeded storage allotment
full | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 452 4.2.2 Over Quota
invalid | @M | Undelivered Mail Returned to Sender | <@R>: unknown user: "ann"
invalid | @M | Undelivered Mail Returned to Sender | <@R>: mail for prospect.test: Name server: .: host not found
blocked | @M | Mail delivery failed: returning message to sender | The following address(es) failed:\n\n  @R\n    The mail server could not deliver mail to @R.  The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.
invalid | @M | Mail delivery failed: returning message to sender | The following address(es) failed:\n\n  @R\n    unrouteable mail domain "prospect.test"
invalid | @M | Mail delivery failed: returning message to sender | The following address(es) failed:\n\n  @R\n    No Such User Here
invalid | @M | Mail delivery failed: returning message to sender | The following address(es) failed:\n\n  @R\n    all relevant MX records point to non-existent hosts
network | @M | Mail delivery failed: returning message to sender | The following address(es) failed:\n\n  @R\n    Unable to route: too many "Received" headers - suspected mail loop
blocked | @M | Mail delivery failed: returning message to sender | The following address(es) failed:\n\n  @R\n    SMTP error from remote mail server after MAIL FROM:<x@y.test>: host x: 554 5.7.1 Sender denied
content | @M | Mail delivery failed: returning message to sender | The following address(es) failed:\n\n  @R\n    SMTP error from remote mail server after MAIL FROM: SIZE=20000000: host x: 552 Message size exceeds maximum permitted
restricted | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 550 5.7.1 You are not allowed to post to this mailing list
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x said: 550 5.2.1 The email account that you tried to reach is inactive.
invalid | @M | Returned mail: Host unknown (Name server: prospect.test: host not found) | ----- The following addresses had permanent fatal errors -----\n<@R>\n\n   ----- Transcript of session follows -----\n550 5.1.2 <@R>... Host unknown (Name server: prospect.test: host not found)
network | @M | Returned mail: Cannot send message for 5 days | ----- The following addresses had permanent fatal errors -----\n<@R>\n\n   ----- Transcript of session follows -----\n<@R>... Deferred: Connection timed out with x.\nMessage could not be delivered for 5 days\nMessage will be deleted from queue
invalid | postmaster@prospect.test | Nondeliverable mail | --- Mail could not be delivered ---\n\nUser mailbox @R does not exist
unclear | noreply@mx.test | Delivery Status Notification | - These recipients of your message have been processed by the mail server:\n@R; Failed
invalid | Mail Router <mailrouter@prospect.test> | ÉCHEC DE DISTRIBUTION : User ann not listed | Votre document :\n    Question\nn'a pas pu être distribué à :\n    @R\nparce que :\n    L'utilisateur ann (@R) ne figure pas dans l'annuaire Domino
invalid | Postmaster@prospect.test | ZUSTELLUNGSFEHLER: User ann | Ihre Nachricht\n\n  Betreff: Frage\n\nwurde nicht zugestellt an:\n\n  @R\n\nda:\n\n  Benutzer ann (@R) ist nicht im Domino-Verzeichnis aufgeführt
invalid | postmaster@t-online.test | Nachricht unzustellbar | |------------------------- Message log follows: -------------------------|\n no valid recipients were found for this message\n|------------------------- Failed addresses follow: ---------------------|\n <@R> ... unknown user
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 551 <@R> is a deactivated mailbox (in reply to RCPT TO command)
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 550 ** No mail box available for this user ** (in reply to RCPT TO command)
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 550 BAD_RECIPIENT - see http://x.test/u?r=1 (in reply to RCPT TO command)
invalid | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 550 @R is not an active address at this host
full | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 550 <@R> User has too many messages on the server.
blocked | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 550 Throttled: this host sent too many messages today
blocked | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 550 Your server requires confirmation. Visit the page to confirm this mail server.
blocked | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 554 email rejected due to security policies (in reply to end of DATA command)
network | @M | Undelivered Mail Returned to Sender | <@R>: Name service error for name=x.test type=MX: Malformed name server reply
content | @M | Undelivered Mail Returned to Sender | <@R>: host x[1.2.3.4] said: 554 Malformed header, message refused
network | @M | Mail delivery failed | The following address(es) failed:\n\n  @R\n    all hosts have been failing for a long time and were last tried after this message arrived
content | @M | Mail Delivery Problem | Your mail to the following recipients could not be delivered because they are not accepting mail with attachments or embedded images:\n\t@R
blocked | @M | Returned mail: see transcript for details | ----- The following addresses had permanent fatal errors -----\n@R\n    (reason: 553 Sender Policy Framework (SPF) fail)\n\n   ----- Transcript of session follows -----\n... while talking to mx.x.test.:\n>>> DATA\n<<< 553 Sender Policy Framework (SPF) fail\n550 5.1.1 @R... User unknown
invalid | @M | Returned mail: see transcript for details | ----- The following addresses had permanent fatal errors -----\n@R\n    (reason: 550 refused)\n\n   ----- Transcript of session follows -----\n... while talking to mx.x.test.:\n>>> RCPT\n<<< 550 refused\n550 5.1.1 @R... User unknown
invalid | @M | Mail could not be delivered | メールを配信できませんでした。\n宛先: @R\n理由: 550 5.1.1 宛先不明
invalid | MAILER-DAEMON@docomo.test | Undelivered Mail Returned to Sender | 次のあて先へのメッセージはエラーのため送信できませんでした。\n送信先メールアドレスが見つかりませんでした。\n\n<@R>: host mfsmax.docomo.test said: 550 Unknown user @R
blocked | Barracuda <MAILER-DAEMON@far.test> | **Message you sent blocked by our bulk email filter** | Your message to: @R\nwas considered unsolicited bulk email.
invalid | Mail Administrator <Postmaster@far.test> | Mail System Error - Returned Mail | The following message could not be delivered to <@R>: this address no longer accepts mail.
invalid | MAILER-DAEMON@facebook.test | Sorry, your message could not be delivered | This message was created automatically by Facebook. Your message could not be delivered to @R: RCP-P2 https://x The email address you entered does not exist
invalid | Postmaster <postmaster@vtext.test> | Undeliverable Message | Error: No valid recipients for this MM\nMessage could not be delivered to mobile.\n@R
full | @M | Undelivered Mail Returned to Sender | <@R>: can't create user output file. Command output: procmail: Quota exceeded while writing "/var/mail/x"
invalid | @M | Delivery Status Notification (Failure) | ** Address not found **\n\nYour message wasn't delivered to @R because the domain prospect.test couldn't be found. Check for typos or unnecessary spaces and try again.
invalid | @M | Benachrichtigung zum Übermittlungsstatus (Fehlgeschlagen) | Ihre Nachricht an @R wurde nicht zugestellt, da die Adresse nicht gefunden wurde oder keine E-Mails empfangen kann.
invalid | @M | Notification d'état de remise (échec) | Votre message n'a pas pu être remis à @R, car l'adresse est introuvable ou ne peut pas recevoir d'e-mails.
network | @M | Delivery Status Notification (Failure) | There was a temporary problem while delivering your message to @R. Gmail gave up after 46 hours.\n\nThe response was: The recipient server did not accept our requests to connect. [x 1.2.3.4: timed out]
delayed | @M | Delivery Status Notification (Delay) | There was a temporary problem delivering your message to @R. Gmail will retry for 47 more hours. You'll be notified if the delivery fails permanently.
restricted | @M | Delivery Status Notification (Failure) | Hello bob@acme.test,\n\nWe're writing to let you know that the group you tried to contact (team) may not exist, or you may not have permission to post messages to the group.\n@R
"""
