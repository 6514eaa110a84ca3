"""Mails as mail servers send them back, written for the tests after RFC 3464 and RFC 5965."""

FULL = """\
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Tue, 10 Mar 2026 12:00:00 +0000

Final-Recipient: rfc822; {email}
Original-Recipient: rfc822;{email}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <{email}>: Recipient address rejected

--b1
Content-Type: {returned}

Message-ID: <{message_id}@massageforrunners.example>
From: hello@massageforrunners.example
To: {email}
Subject: Booked

{body}
--b1--
"""

COMPLAINT = """\
From: fbl@mailbox.example.com
To: hello@massageforrunners.example
Subject: FW: Sessions left
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="c1"

--c1
Content-Type: text/plain

This is an email abuse report.

--c1
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--c1
Content-Type: message/rfc822

Message-ID: <{message_id}@massageforrunners.example>
From: hello@massageforrunners.example
Subject: Sessions left

Hello
--c1--
"""


def report(
    message_id: object,
    *,
    email: str = "ana@example.org",
    status: str = "5.1.1",
    action: str = "failed",
    returned: str = "text/rfc822-headers",
    to: str = "hello@massageforrunners.example",
) -> bytes:
    body = "The words of the mail.\n" if returned == "message/rfc822" else ""
    words = FULL.format(
        to=to,
        email=email,
        action=action,
        status=status,
        returned=returned,
        message_id=message_id,
        body=body,
    )
    return words.encode()


def complaint(message_id: object, *, kind: str = "abuse") -> bytes:
    return COMPLAINT.format(kind=kind, message_id=message_id).encode()
