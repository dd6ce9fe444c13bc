"""Delivery notices in the forms of many mail systems, written for these tests. Each: name, expected reason, From, subject, body.

`@R` stands for the failed recipient, `@O` for the returned mail. The reason "-" means: not a bounce.
"""

RECIPIENT = "ann@prospect.test"

NOTICES = r"""
=== qmail invalid | MAILER-DAEMON@mx.far.test | failure notice
Hi. This is the qmail-send program at mx.far.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<@R>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

@O
=== qmail-remote invalid | MAILER-DAEMON@mx.far.test | failure notice
Hi. This is the qmail-send program at mx.far.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<@R>:
192.0.2.7 does not like recipient.
Remote host said: 550 unknown user
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

@O
=== qmail-connect network | MAILER-DAEMON@mx.far.test | failure notice
Hi. This is the qmail-send program at mx.far.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<@R>:
Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)
I'm not going to try again; this message has been in the queue too long.

--- Below this line is a copy of the message.

@O
=== qmail-host invalid | MAILER-DAEMON@mx.far.test | failure notice
Hi. This is the qmail-send program at mx.far.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<@R>:
Sorry, I couldn't find any host named prospect.test. (#5.1.2)

--- Below this line is a copy of the message.

@O
=== qmail-rcpthosts blocked | MAILER-DAEMON@mx.far.test | failure notice
Hi. This is the qmail-send program at mx.far.test.
I'm afraid I wasn't able to deliver your message to the following addresses.

<@R>:
192.0.2.9 failed after I sent the message.
Remote host said: 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)

--- Below this line is a copy of the message.

@O
=== postfix-old invalid | MAILER-DAEMON@mail.far.test (Mail Delivery System) | Undelivered Mail Returned to Sender
This is the Postfix program at host mail.far.test.

I'm sorry to have to inform you that the message returned
below could not be delivered to one or more destinations.

For further assistance, please send mail to <postmaster>

If you do so, please include this problem report. You can
delete your own text from the message returned below.

			The Postfix program

<@R>: host mx.prospect.test[192.0.2.1] said: 550 <@R>:
    Recipient address rejected: User unknown in relay recipient table (in reply to RCPT TO command)
=== postfix-block blocked | MAILER-DAEMON@mail.far.test (Mail Delivery System) | Undelivered Mail Returned to Sender
This is the mail system at host mail.far.test.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<@R>: host mx.prospect.test[192.0.2.1] said: 554 5.7.1 Service unavailable; Client host [198.51.100.3]
    blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/198.51.100.3 (in reply to RCPT TO command)
=== postfix-dns network | MAILER-DAEMON@mail.far.test (Mail Delivery System) | Undelivered Mail Returned to Sender
This is the mail system at host mail.far.test.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<@R>: Host or domain name not found. Name service error for
    name=prospect.test type=MX: Host not found, try again
=== postfix-nodomain invalid | MAILER-DAEMON@mail.far.test (Mail Delivery System) | Undelivered Mail Returned to Sender
This is the mail system at host mail.far.test.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<@R>: Host or domain name not found. Name service error for
    name=prospect.test type=A: Host not found
=== postfix-full full | MAILER-DAEMON@mail.far.test (Mail Delivery System) | Undelivered Mail Returned to Sender
This is the mail system at host mail.far.test.

<@R>: host mx.prospect.test[192.0.2.1] said: 552 5.2.2 <@R>:
    Quota exceeded (mailbox for user is full) (in reply to end of DATA command)
=== postfix-warn delayed | MAILER-DAEMON@mail.far.test (Mail Delivery System) | Delayed Mail (still being retried)
This is the mail system at host mail.far.test.

####################################################################
# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
####################################################################

Your message could not be delivered for more than 4 hour(s).
It will be retried until it is 5 day(s) old.

<@R>: connect to mx.prospect.test[192.0.2.1]:25: Connection timed out
=== exim invalid | Mail Delivery System <Mailer-Daemon@mx.far.test> | Mail delivery failed: returning message to sender
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  @R
    SMTP error from remote mail server after RCPT TO:<@R>:
    host mx.prospect.test [192.0.2.1]: 550 Unrouteable address

------ This is a copy of the message, including all the headers. ------

@O
=== exim-retry network | Mail Delivery System <Mailer-Daemon@mx.far.test> | Mail delivery failed: returning message to sender
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  @R
    retry timeout exceeded

------ This is a copy of the message, including all the headers. ------

@O
=== exim-full full | Mail Delivery System <Mailer-Daemon@mx.far.test> | Mail delivery failed: returning message to sender
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  @R
    mailbox is full: retry timeout exceeded

------ This is a copy of the message, including all the headers. ------

@O
=== exim-warn delayed | Mail Delivery System <Mailer-Daemon@mx.far.test> | Warning: message 1abcDE-0001-Ab delayed 24 hours
This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.far.test.

The address to which the message has not yet been delivered is:

  @R

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered.
=== sendmail5 invalid | Mail Delivery Subsystem <MAILER-DAEMON@far.test> | Returned mail: User unknown
   ----- Transcript of session follows -----
While talking to mx.prospect.test:
>>> RCPT To:<@R>
<<< 550 <@R>... User unknown
550 <@R>... User unknown

   ----- Unsent message follows -----
@O
=== sendmail8 invalid | Mail Delivery Subsystem <MAILER-DAEMON@far.test> | Returned mail: see transcript for details
The original message was received at Mon, 11 Jan 2027 10:00:00 +0100
from localhost [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<@R>
    (reason: 550 5.1.1 <@R>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.prospect.test.:
>>> DATA
<<< 550 5.1.1 <@R>... User unknown
550 5.1.1 <@R>... User unknown
<<< 503 5.0.0 Need RCPT (recipient)
=== sendmail-warn delayed | Mail Delivery Subsystem <MAILER-DAEMON@far.test> | Warning: could not send message for past 4 hours
    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

The original message was received at Mon, 11 Jan 2027 10:00:00 +0100
from localhost [127.0.0.1]

   ----- The following addresses had transient non-fatal errors -----
<@R>

   ----- Transcript of session follows -----
<@R>... Deferred: Connection timed out with mx.prospect.test.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
=== exchange5 invalid | System Administrator <postmaster@prospect.test> | Undeliverable: Quick question
Your message

  To:      Ann Example
  Subject: Quick question about spam policy
  Sent:    Mon, 11 Jan 2027 10:00:00 +0100

did not reach the following recipient(s):

@R on Mon, 11 Jan 2027 10:00:05 +0100
    The recipient name is not recognized
	The MTS-ID of the original message is: c=us;a= ;p=far;l=FAR0701
    MSEXCH:IMS:FAR:SITE:SERVER 0 (000C05A6) Unknown Recipient
=== exchange2010 invalid | Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@prospect.test> | Undeliverable: Quick question
Delivery has failed to these recipients or groups:

@R<mailto:@R>
The e-mail address you entered couldn't be found. Please check the recipient's e-mail address and try to resend the message. If the problem continues, please contact your helpdesk.

Diagnostic information for administrators:

Generating server: mail.prospect.test

@R
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

Original message headers:

@O
=== exchange-restricted restricted | Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@prospect.test> | Undeliverable: Quick question
Delivery has failed to these recipients or groups:

@R
Your message can't be delivered because delivery to this address is restricted.

Diagnostic information for administrators:

Generating server: mail.prospect.test

@R
#550 5.7.1 RESOLVER.RST.AuthRequired; authentication required ##rfc822;@R
Remote Server returned '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed'

Original message headers:

@O
=== office365-denied invalid | postmaster@prospect.test | Undeliverable: Quick question
Your message to @R couldn't be delivered.

ann wasn't found at prospect.test.

Diagnostic information for administrators:
Generating server: AM5EUR03FT012.mail.protection.outlook.test
@R
Remote Server returned '550 5.4.1 Recipient address rejected: Access denied. AS(201806281)'

Original message headers:

@O
=== domino invalid | Postmaster@prospect.test | DELIVERY FAILURE: User ann (ann@prospect.test) not listed in Domino Directory
Your message

  Subject: Quick question

was not delivered to:

  @R

because:

  User ann (@R) not listed in Domino Directory
=== notes invalid | Notes_Mailer@prospect.test | Undeliverable message
------- Failure Reasons  --------

User not listed in public Name & Address Book
@R

------- Returned Message --------

@O
=== gmail invalid | Mail Delivery Subsystem <mailer-daemon@googlemail.test> | Delivery Status Notification (Failure)
Delivery to the following recipient failed permanently:

     @R

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the recipient domain prospect.test by mx.prospect.test. [192.0.2.1].

The error that the other server returned was:
550 5.1.1 <@R>: Recipient address rejected: User unknown

----- Original message -----

@O
=== gmail-new invalid | Mail Delivery Subsystem <mailer-daemon@googlemail.test> | Delivery Status Notification (Failure)

** Address not found **

Your message wasn't delivered to @R because the address couldn't be found, or is unable to receive mail.

The response from the remote server was:
550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces.
=== gmail-blocked blocked | Mail Delivery Subsystem <mailer-daemon@googlemail.test> | Delivery Status Notification (Failure)

** Message blocked **

Your message to @R has been blocked. See technical details below for more information.

The response from the remote server was:
550 5.7.26 This mail is unauthenticated, which poses a security risk to the sender and Gmail users, and has been blocked.
=== yahoo invalid | MAILER-DAEMON@yahoo.test | Failure Notice
Sorry, we were unable to deliver your message to the following address.

<@R>:
554: delivery error: dd This user doesn't have a yahoo.test account (@R) [0] - mta1007.mail.yahoo.test

--- Below this line is a copy of the message.

@O
=== yahoo-old full | MAILER-DAEMON@yahoo.test | Delivery failure
Message from  yahoo.test.
Unable to deliver message to the following address(es).

<@R>:
Message Limit exceeded: the mailbox is over quota.

--- Original message follows.

@O
=== aol blocked | Mail Delivery Subsystem <MAILER-DAEMON@aol.test> | Mail Delivery Problem
Your mail to the following recipients could not be delivered because they are not accepting mail from bob@acme.test:

	@R

@O
=== groupwise invalid | Mailer-Daemon@prospect.test | Message status - undeliverable
The message that you sent was undeliverable to the following:
	@R (user not found)

Possibly truncated original message follows:

@O
=== netscape invalid | Mail Administrator <Postmaster@far.test> | Mail System Error - Returned Mail
This Message was undeliverable due to the following reason:

Each of the following recipients was rejected by a remote mail server.
The reasons given by the server are included to help you determine why
each recipient was rejected.

    Recipient: <@R>
    Reason:    <@R>... User unknown

Please reply to Postmaster@far.test
if you feel this message to be in error.
=== sun-messaging invalid | Internet Mail Delivery <postmaster@far.test> | Delivery Notification: Delivery has failed
This report relates to a message you sent with the following header fields:

  Message-id: <seg.1@acme.test>
  Date: Mon, 11 Jan 2027 10:00:00 +0100
  From: Bob <bob@acme.test>
  To: @R
  Subject: Quick question

Your message cannot be delivered to the following recipients:

  Recipient address: @R
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 unknown user
=== smtp32 full | Postmaster <postmaster@far.test> | Undeliverable Mail
User mailbox exceeds allowed size: @R

Original message follows.

@O
=== imail invalid | Postmaster <postmaster@far.test> | Undeliverable Mail
Unknown user: @R

Original message follows.

@O
"""
