"""How long what readers leave behind stays. See accounts/retention.py."""

from accounts.retention import rule
from cms.forms import forgetting

rule(
    "enquiries",
    what="Messages sent with the forms of the website",
    keeps="as long as the form said when it was sent",
    why="to answer them",
    then="deleted, with the mails about them",
    due=lambda at: sum(count for _form, count in forgetting.due(at=at)),
    job="forget_enquiries",
)
rule(
    "searches",
    what="Words searched for on the website, counted by day, without who",
    keeps="three months",
    why="to see what readers miss",
    then="deleted",
    job="forget_old_searches",
)
rule(
    "uploads",
    what="Documents an editor uploaded and made no article of",
    keeps="one day",
    why="to look at them before importing",
    then="deleted",
    job="forget_uploads",
)
rule(
    "webhooks",
    what="Which systems were told that content changed; nothing about people",
    keeps="one month",
    why="to find out why one missed it",
    then="deleted",
    job="forget_old_webhooks",
)
