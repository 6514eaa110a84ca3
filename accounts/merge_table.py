"""What becomes of every row that names a person when two accounts are merged (R7).

A relation to a person that is missing here fails a test, so a new model cannot be forgotten.
Ledgers name nobody but whoever acted: what belongs to a client does so by its lot, its order and
its booking, and those change hands without a word of a ledger being rewritten.
"""

from typing import Final

# Changes hands: it is the client's own.
MOVED: Final = frozenset(
    {
        "accounts.ClientNote.client",
        "accounts.Consent.person",
        "accounts.IntakeAnswers.person",
        "accounts.Message.user",
        "accounts.TreatmentNote.person",
        "payments.CreditLot.owner",
        "payments.Gift.claimed_by",
        "payments.Order.buyer",
        "payments.PromotionUse.person",
        "scheduling.Booking.runner",
        "scheduling.Series.runner",
        "scheduling.WaitlistEntry.runner",
    }
)

# Changes hands row by row where there is room: the same race twice, or a second open talk, stays.
MOVED_WHERE_ROOM: Final = frozenset({"accounts.Race.runner", "accounts.TalkFirst.person"})

# Changes hands where the one who stays has none: there is room for one.
MOVED_WHERE_FREE: Final = frozenset(
    {
        "accounts.ClientFlags.client",
        "accounts.RunnerHabits.runner",
        "payments.IntroductoryPurchase.person",
    }
)

# Handled by name in accounts/merging.py: proven addresses and the profile.
MERGED_BY_HAND: Final = frozenset({"account.EmailAddress.user", "accounts.RunnerProfile.user"})

# Stays where it is: ways to sign in are never handed to another account, a calendar address
# dies with its account, and who did what stays what happened.
KEPT: Final = frozenset(
    {
        "accounts.ClientFlags.changed_by",
        "accounts.ClientNote.author",
        "accounts.ClientNote.withdrawn_by",
        "accounts.ErasureRequest.person",
        "accounts.Merge.absorbed",
        "accounts.Merge.kept",
        "accounts.Merge.made_by",
        "accounts.Merge.undone_by",
        "mfa.Authenticator.user",
        "payments.AdjustmentProposal.decided_by",
        "payments.AdjustmentProposal.proposed_by",
        "payments.BankImport.imported_by",
        "payments.BankLine.matched_by",
        "payments.CashUp.made_by",
        "payments.CashUp.person",
        "payments.Classification.decided_by",
        "payments.CreditEntry.actor",
        "payments.Dispute.evidence_sent_by",
        "payments.Document.issued_by",
        "payments.JournalEntry.actor",
        "payments.Mismatch.owner",
        "payments.Mismatch.resolved_by",
        "payments.MismatchComment.author",
        "payments.PaymentAttempt.recorded_by",
        "payments.Period.closed_by",
        "payments.RefundRequest.requested_by",
        "scheduling.BookingChange.actor",
        "scheduling.CalendarFeed.runner",
        "scheduling.TimeOff.created_by",
        "socialaccount.SocialAccount.user",
        "usersessions.UserSession.user",
    }
)

# Only staff have one, and staff are not merged.
REFUSED: Final = frozenset({"scheduling.Therapist.user"})

# Whole apps whose rows name their editors.
OF_EDITORS: Final = frozenset(
    {
        "admin",
        "cms",
        "wagtailadmin",
        "wagtailcore",
        "wagtaildocs",
        "wagtailimages",
        "wagtailusers",
    }
)
