"""Serving a private calendar feed to whoever has its address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from scheduling.feeds import feed_file, touch
from scheduling.models import CalendarFeed
from scheduling.web import limits


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of an open feed. A revoked address is as unknown as one never made (N4)."""
    if not limits.may_try_links(request):
        return _quiet(HttpResponse(status=429, headers={"Retry-After": "60"}))
    feeds = CalendarFeed.objects.readable().select_related("runner", "therapist")
    found = feeds.filter(token=token).first()
    if found is None:
        limits.count_bad_link(request)
        raise Http404
    at = timezone.now()
    file = feed_file(found, at=at)
    touch(found, at=at)
    answer = HttpResponse(file.content, content_type="text/calendar; charset=utf-8")
    changed = int(file.changed_at.timestamp())
    answer["ETag"] = file.etag
    answer["Last-Modified"] = http_date(changed)
    return _quiet(get_conditional_response(request, file.etag, changed, answer) or answer)


def _quiet(answer: HttpResponse) -> HttpResponse:
    """Each person's own calendar program may keep it and must ask again."""
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
