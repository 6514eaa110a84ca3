"""What the accounts themselves do when a person is erased (G6)."""

from datetime import datetime

from allauth.account.models import EmailAddress

from accounts.erased import nowhere, token
from accounts.erasing import takes_part
from accounts.merges import Merge
from accounts.models import RunnerProfile, User


@takes_part
def erase_names_merged_into_hers(person: User, at: datetime) -> None:
    """An account that was absorbed is a name for hers: it goes with her (R7)."""
    absorbed = Merge.objects.filter(kept=person, undone_at=None).values("absorbed")
    for other in User.objects.filter(pk__in=absorbed):
        EmailAddress.objects.filter(user=other).delete()
        RunnerProfile.objects.filter(user=other).delete()
        other.name, other.email = token(other), nowhere(other)
        other.set_unusable_password()
        other.save(update_fields=["name", "email", "password"])
