"""What content and its editing hold about people. See accounts/classifying.py."""

from functools import partial

from django.db.models import Q

from accounts.classifying import Fate, holds, nothing_personal, says
from accounts.models import User
from accounts.personal import addresses_of


def sent_by(label: str, person: User) -> Q:
    """Messages from the practice's forms: they know no account, only what was typed."""
    return says(label, "form_data", addresses_of(person))


def about_account(person: User) -> Q:
    """Wagtail's notes that somebody edited her account in the admin."""
    label = {"app_label": "accounts", "model": "user"}
    return Q(object_id=str(person.pk), **{f"content_type__{k}": v for k, v in label.items()})


nothing_personal(
    "What the practice publishes, and the parts pages are made of.",
    "cms.FormPage cms.FormField cms.ConsentText cms.MailText cms.ArticleImport cms.ArticleIndexPage"
    " cms.ArticleTag cms.ArticlePage cms.HomePage cms.LocationIndexPage cms.LocationPage"
    " cms.PackagesPage cms.TherapistIndexPage cms.TherapistPage cms.PolicyPage"
    " cms.QuestionsPage cms.StandardPage cms.ServiceIndexPage cms.ServicePage"
    " wagtailredirects.Redirect wagtailembeds.Embed wagtailimages.Rendition taggit.Tag"
    " taggit.TaggedItem wagtailcore.ReferenceIndex wagtailsearch.IndexEntry"
    " wagtailsearch.SQLiteFTSIndexEntry wagtail_headless_preview.PagePreview",
)
nothing_personal(
    "Settings of the site, of its languages and of who may edit what.",
    "cms.TokenTerms simple_translation.SimpleTranslation wagtailadmin.Admin wagtailcore.Locale"
    " wagtailcore.Site wagtailcore.GroupSitePermission wagtailcore.Collection"
    " wagtailcore.CollectionViewRestriction wagtailcore.CollectionViewRestriction_groups"
    " wagtailcore.GroupCollectionPermission wagtailcore.PageViewRestriction"
    " wagtailcore.PageViewRestriction_groups wagtailcore.GroupPagePermission"
    " wagtailcore.Workflow wagtailcore.WorkflowContentType wagtailcore.WorkflowTask"
    " wagtailcore.WorkflowPage wagtailcore.Task wagtailcore.GroupApprovalTask"
    " wagtailcore.GroupApprovalTask_groups",
)
nothing_personal(
    "Telling other systems that content changed.",
    "cms.WebhookEndpoint cms.ContentEvent cms.WebhookDelivery cms.WebhookAttempt",
)
nothing_personal(
    "What readers search for, counted by day without who.",
    "wagtailsearchpromotions.Query wagtailsearchpromotions.QueryDailyHits"
    " wagtailsearchpromotions.SearchPromotion",
)

holds(
    "cms.Enquiry",
    of=partial(sent_by, "cms.Enquiry"),
    fate=Fate.DELETE,
    rule="enquiries",
    words="form_data",
    activity="page submit_time forget_at",
    technical="public_id labels consent",
)
holds(
    "wagtailforms.FormSubmission",
    of=partial(sent_by, "wagtailforms.FormSubmission"),
    fate=Fate.DELETE,
    rule="enquiries",
    words="form_data",
    activity="page submit_time",
)
holds(
    "wagtailcore.ModelLogEntry",
    of=about_account,
    fate=Fate.DELETE,
    rule="staff",
    identity="label",
    activity="action timestamp",
    technical="content_type object_id uuid data revision content_changed deleted",
    staff="user",
)
holds(
    "wagtailusers.UserProfile",
    of="user",
    fate=Fate.DELETE,
    rule="staff",
    identity="avatar",
    activity="preferred_language current_time_zone theme contrast density keyboard_shortcuts",
    technical="user submitted_notifications approved_notifications rejected_notifications"
    " updated_comments_notifications dismissibles",
)

# Who of the practice wrote, edited or uploaded what.
holds(
    "cms.BasePage",
    rule="staff",
    none="path depth numchild translation_key locale latest_revision live has_unpublished_changes"
    " first_published_at last_published_at live_revision go_live_at expire_at expired locked"
    " locked_at title draft_title slug content_type url_path latest_revision_created_at alias_of"
    " show_in_menus seo_title search_description social_image noindex",
    staff="locked_by owner",
)
holds(
    "cms.PolicyText",
    rule="staff",
    none="code number language title intro body rules_code rules_version rules effective_on"
    " published_at",
    staff="published_by",
)
holds("cms.WaitingImport", rule="uploads", none="public_id files made_at", staff="made_by")
holds(
    "wagtailcore.APIToken",
    rule="staff",
    technical="name key_hash prefix created revoked_at last_used_at",
    staff="user",
)
holds(
    "wagtailcore.Revision",
    rule="staff",
    none="content_type base_content_type object_id created_at object_str content"
    " approved_go_live_at",
    staff="user",
)
holds(
    "wagtailcore.PageLogEntry",
    rule="staff",
    none="content_type label action data timestamp uuid revision content_changed deleted page",
    staff="user",
)
holds(
    "wagtailcore.WorkflowState",
    rule="staff",
    none="content_type base_content_type object_id workflow status created_at current_task_state",
    staff="requested_by",
)
holds(
    "wagtailcore.TaskState",
    rule="staff",
    none="workflow_state revision task status started_at finished_at content_type",
    words="comment",
    staff="finished_by",
)
holds(
    "wagtailcore.Comment",
    rule="staff",
    words="text",
    none="page contentpath position created_at updated_at revision_created resolved_at",
    staff="user resolved_by",
)
holds(
    "wagtailcore.CommentReply",
    rule="staff",
    words="text",
    none="comment created_at updated_at",
    staff="user",
)
holds("wagtailcore.PageSubscription", rule="staff", none="page comment_notifications", staff="user")
holds(
    "wagtailcore.UploadedFile", rule="staff", none="for_content_type file", staff="uploaded_by_user"
)
holds(
    "wagtailadmin.EditingSession",
    rule="staff",
    none="content_type object_id last_seen_at is_editing",
    staff="user",
)
holds(
    "wagtailadmin.FormState",
    rule="staff",
    none="data content_type object_id parent_object_id last_updated_at",
    staff="user",
)
holds(
    "wagtaildocs.Document",
    rule="staff",
    none="collection title file created_at file_size file_hash",
    staff="uploaded_by_user",
)
holds(
    "wagtailimages.Image",
    rule="staff",
    none="collection title file description width height created_at focal_point_x focal_point_y"
    " focal_point_width focal_point_height file_size file_hash",
    staff="uploaded_by_user",
)
