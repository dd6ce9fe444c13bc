"""Delivery notices of gateways, small mail servers and filters; the form is that of `notices`."""

GATEWAYS = r"""
=== mdaemon invalid | MDaemon at far.test <MDaemon@far.test> | Permanent Delivery Failure
The attached message had PERMANENT fatal delivery errors!

After one or more unsuccessful delivery attempts the attached message has
been removed from the mail queue on this server.

Failed address: @R

--- Session Transcript ---
 RCPT To:<@R>
 550 5.1.1 User unknown
--- End Transcript ---
=== mercury invalid | Electronic Postmaster <postmaster@far.test> | Delivery failure notification
With respect to your message dated 11 Jan 27 10:00, subject "Quick question":

* The following addresses failed:
   <@R>: 550 No such user here.

The message could not be delivered to these addresses.
=== communigate invalid | <MAILER-DAEMON@far.test> | Undeliverable mail: Quick question
Failed to deliver to '<@R>'
mailbox: account does not exist
=== messagelabs invalid | MAILER-DAEMON@messagelabs.test | Mail Delivery Failure
This is the mail delivery agent at messagelabs.test.
I was unable to deliver your message to the following addresses:

@R

Reason: 550 5.1.1 <@R>... user unknown

The message subject was: Quick question
=== mailmarshal invalid | MailMarshal <postmaster@prospect.test> | Undeliverable Mail: "Quick question"
Your message:
   From:    bob@acme.test
   Subject: Quick question

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    @R

Additional Information
======================
=== interscan invalid | InterScan MSS <noreply@prospect.test> | Mail could not be delivered
Sent <<< RCPT TO:<@R>
Received >>> 550 5.1.1 <@R>... user unknown
Unable to deliver message to <@R>
=== opensmtpd full | Mailer Daemon <MAILER-DAEMON@far.test> | Delivery status notification: error
    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

@R: 550 5.2.2 <@R>... Mailbox Full

    Below is a copy of the original message:

@O
=== james invalid | postmaster@far.test | [BOUNCE]
Hi. This is the James mail server at far.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.  Below
I include the list of recipients and the reason why I was unable to deliver
your message.

Failed recipient(s):
@R

Error message:
550 5.1.1 User unknown
=== hmail invalid | mailer-daemon@far.test | Message undeliverable: Quick question
Your message did not reach some or all of the intended recipients.

   Sent: Mon, 11 Jan 2027 10:00:00 +0100
   Subject: Quick question

The following recipient(s) could not be reached:

@R
   Error Type: SMTP
   Remote server (192.0.2.1) issued an error.
   hMailServer sent: RCPT TO:<@R>
   Remote server replied: 550 Mailbox not found

hMailServer
=== smartermail content | System Administrator <postmaster@far.test> | Delivery Failure
Could not deliver message to the following recipient(s):

Failed Recipient: @R
Reason: Remote host said: 552 5.3.4 Message size exceeds fixed maximum message size
=== powermta unclear | mailer-daemon@far.test | Delivery report
Hello, this is the mail server on mx.far.test.

I am sending you this message to inform you on the delivery status of a
message you previously sent.  Immediately below you will find a list of
the affected recipients;  also attached is a Delivery Status Notification
(DSN) report in standard format, as well as the headers of the original
message.

  <@R>  delivery failed; will not continue trying
=== zoho invalid | Mail Delivery System <mailer-daemon@mail.zoho.test> | Mail Delivery Status Notification (Failure) / Undelivered Mail
This message was created automatically by mail delivery software.
 A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

@R
   Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <@R>... User Unknown
=== kddi full | Postmaster <no-reply@au.test> | Mail System Error - Returned Mail
Your mail sent on: Mon, 11 Jan 2027 10:00:00 +0900
Could not be delivered to: <@R>
As their mailbox is full.

@O
=== x400 unclear | MTA <postmaster@far.test> | Undeliverable mail
Your message could not be delivered to the following recipient:
 @R
 Reason: unable to transfer
=== simplewarn delayed | Mail Delivery Service <postmaster@far.test> | Delivery Status Notification (Delay)
This is an automatically generated Delivery Status Notification.

THIS IS A WARNING MESSAGE ONLY.

YOU DO NOT NEED TO RESEND YOUR MESSAGE.

Delivery to the following recipients has been delayed.

       @R
=== spamblock blocked | postmaster@prospect.test | **Message you sent blocked by our bulk email filter**
Your message to: @R
was blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:

Subject: Quick question
=== virus content | Antivirus Gateway <antivirus@prospect.test> | Mail delivery failed: virus found
Your message to @R was not delivered.

The message was found to contain a virus: Eicar-Test-Signature. It has been rejected.
Mail transcript: 550 5.7.0 virus detected, infected with Eicar
=== x6 invalid | postmaster@far.test | There was an error sending your mail
We had trouble delivering your message. Full details follow:

Subject: 'Quick question'
Date: 'Mon, 11 Jan 2027 10:00:00 +0100'

1 error(s):

SMTP Server <mx.prospect.test> rejected recipient <@R>
  (Error following RCPT command). It responded as follows: [550 5.1.1 Unknown User]
=== e500 invalid | E500_SMTP_Mail_Service@far.test | Returned Mail - Error During Delivery
------ Failed Recipients ------

<@R>: Requested action not taken: mailbox unavailable. [SMTP Error Code 550]
-------- Returned Mail --------

@O
=== bank unclear | gateway.internet@far.test | RE: Quick question : non remis (delivery failed)
***********************************************
Votre message n'a pas pu etre delivre a
@R

***********************************************
Your message could not be delivered to
@R
=== postponed delayed | <Postmaster@far.test> | Mail Delivery Warning
This is an advisory-only email.  Please do not reply to it.

Delivery of email to this address

"@R"

has been postponed due to a full mailbox.

We will continue to try to deliver your message over the next few days.
"""
