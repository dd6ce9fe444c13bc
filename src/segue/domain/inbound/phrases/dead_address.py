"""Words that say the mailbox or the domain does not exist, is closed, or takes no mail. Each must be positive: a tie is never `invalid`."""

from segue.domain.inbound.phrases import folded
from segue.domain.inbound.phrases.dead_address_world import EUROPE, WORLD

ENGLISH = folded(
    """
    domain does not accept mail
    host does not accept mail
    domain doesn't accept mail
    nullmx
    no matches to nameserver
    destination addresses were unknown
    addresses were unknown
    address rejected by rule
    unknown address error
    user not listed
    domain could not be found
    domain does not resolve
    dns domain does not exist
    infodomainnonexistent
    no user by that name
    no user here
    there's no such
    there's no mailbox
    there's no user
    there's no account
    there's no one
    recipient not recognised
    user not recognized
    address not recognized
    name not recognized
    name is not recognised
    is not recognized as a
    user has been disabled
    address has been disabled
    recipient has been disabled
    email has been disabled
    recipient is disabled
    address is disabled
    no addressee
    no user with
    no account by
    no account with
    no address by
    address is no longer available
    mailbox is no longer available
    recipient is no longer available
    has moved to a new
    relay recipient table
    no mailbox here
    no recipient
    there is no such
    there is no user
    isn't valid
    wasn't found at
    isn't found
    problem with the recipient
    who is no longer
    user is no longer
    recipient address rejected: access denied
    recipient's e-mail address was not found
    e-mail address you entered couldn't be found
    e-mail address could not be found
    doesn't exist at
    does not exist at
    email address not found
    can't verify
    verify address failed
    verification failed for
    does not have a final email delivery
    who are no longer
    account has been suspended permanently
    user not exist
    user no longer
    user has left
    user doesnt exist
    is a deactivated mailbox
    deactivated account
    mail box available for this
    mailbox available for this
    bad_recipient
    bad recipient
    not an active address
    not an active user
    not an active mailbox
    not an active account
    # English: no such mailbox
    user unknown
    unknown user
    user is unknown
    user not known
    user doesn't exist
    user does not exist
    user not found
    user not local
    no such user
    no such recipient
    no such address
    no such account
    no such mailbox
    no such person
    no such local
    no such name
    no such email
    no such mail drop
    no such domain
    no such host
    no mailbox
    no valid recipient
    no local mailbox
    not a valid mailbox
    not a valid recipient
    not a valid user
    not a valid address
    not a valid email
    not a valid account
    not a known user
    not a local
    isn't a valid
    isn't in my control
    is no longer valid
    no longer valid
    no longer active
    no longer in use
    no longer exists
    no longer on server
    no longer works
    no longer employed
    no longer accepts
    no longer accepting
    does not exist
    doesn't exist
    do not exist
    did not exist
    not exist
    non-existent
    nonexistent
    nonexistant
    non-existant
    non existent
    does not have an account
    doesn't have an account
    doesn't have a
    does not have a mailbox
    does not have a valid
    has no mailbox
    not found
    couldn't be found
    could not be found
    cannot be found
    couldn't find
    could not find
    can't find
    unable to find
    unknown recipient
    unknown or illegal
    unknown or invalid
    unknown mailbox
    unknown local
    unknown address
    unknown account
    unknown email
    unknown virtual
    unknown in virtual
    unknown in relay
    unknown in local
    unknown domain
    unknown host
    recipient unknown
    recipient is unknown
    recipient not found
    recipient does not exist
    recipient not recognized
    recipient no longer
    recipient name is not recognized
    recipient address unknown
    recipnotfound
    recipient invalid
    recipient is not exist
    recipient not exist
    account unknown
    account not found
    account does not exist
    account doesn't exist
    account disabled
    account is disabled
    account has been disabled
    account inactive
    account is inactive
    account has been deleted
    account deleted
    account closed
    account has been closed
    account expired
    account has expired
    account that you tried to reach is disabled
    account is not active
    account not active
    account terminated
    account has been deactivated
    account deactivated
    account is not allowed to receive
    account not exist
    address unknown
    address is unknown
    address not found
    address does not exist
    address doesn't exist
    address not known
    address no longer
    address not exist
    address invalid
    address is invalid
    address disabled
    address is not valid
    address unavailable
    mailbox not found
    mailbox does not exist
    mailbox doesn't exist
    mailbox unavailable
    mailbox not available
    mailbox is unavailable
    mailbox disabled
    mailbox is disabled
    mailbox has been disabled
    mailbox is inactive
    mailbox inactive
    mailbox is closed
    mailbox closed
    mailbox unknown
    mailbox invalid
    mailbox name not allowed
    mailbox is not active
    mailbox not exist
    invalid recipient
    invalid mailbox
    invalid address
    invalid user
    invalid account
    invalid email
    invalid final delivery
    invalid local
    invalid domain
    invalid alias
    illegal alias
    illegal user
    illegal local
    bad recipient
    bad address
    bad destination
    bad user
    inactive user
    inactive recipient
    user inactive
    user is inactive
    user disabled
    user is disabled
    user is not active
    user invalid
    disabled user
    disabled recipient
    disabled mailbox
    disabled account
    disabled or discontinued
    been discontinued
    been deactivated
    been terminated
    has been deleted
    has been removed
    not listed in
    not our customer
    not known here
    isn't listed
    not handled here
    not in my control
    does not receive mail
    cannot receive mail
    can't receive mail
    does not like recipient
    this user doesn't have
    that domain isn't
    undeliverable address
    unrouteable address
    unroutable address
    unrouteable mail domain
    unroutable mail domain
    unroutable domain
    unroutable
    unrouteable
    rejected recipient
    recipient rejected
    user rejected
    addressee unknown
    addressee not
    host unknown
    host not found
    host or domain name not found
    unknown host
    domain not found
    domain name not found
    domain does not exist
    domain doesn't exist
    domain invalid
    domain is invalid
    domain unknown
    domain no longer
    no mx
    null mx
    nullmx
    nxdomain
    name or service not known
    domain has no
    no mail exchanger
    misspelled
    mistyped
    delivery to inactive
    user has moved
    left the company
    relay recipient table
    not in directory
    not in recipients
    vdeliver: invalid
    unknown to
    """
)

INVALID = tuple(dict.fromkeys((*ENGLISH, *EUROPE, *WORLD)))
