"""Which mails she gets: switches on a page, and the link below a mail (N5, RFC 8058)."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.bouncing import is_undeliverable
from accounts.consent_texts import TEXTS, decide, is_on
from accounts.consents import Channel, Purpose
from accounts.models import User
from accounts.preferring import mails_of
from accounts.unsubscribing import Wish, may_take_back, wish_in
from portal.account.who import signed_in_runner

ONE_CLICK = "One-Click"


class PreferencesForm(forms.Form):
    """A switch for each purpose."""

    def __init__(self, data: object = None, *, person: User) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        for each in mails_of(person):
            self.fields[each.words.purpose.value] = forms.BooleanField(
                label=each.words.title,
                help_text=each.words.text,
                required=False,
                initial=each.is_on,
            )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    person = signed_in_runner(request)
    if request.method == "POST":
        form = PreferencesForm(request.POST, person=person)
        if form.is_valid():
            _save(person, form)
            messages.success(request, "Saved. That holds from the next mail on.")
        return redirect("portal_account:preferences")
    context = {
        "form": PreferencesForm(person=person),
        "person": person,
        "undeliverable": is_undeliverable(person),
    }
    return render(request, "portal/account/preferences.html", context)


def _save(person: User, form: PreferencesForm) -> None:
    """Only what she switched: a switch that was on before she came is no yes to its words."""
    at = timezone.now()
    for name in form.changed_data:
        decide(
            person,
            Purpose(name),
            agrees=form.cleaned_data[name],
            channel=Channel.ACCOUNT,
            by=person,
            at=at,
        )


# A mail program posts without our cookie and our token: the signed address is what counts.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing: programs that check links in mails look. A POST stops the mails."""
    wish = wish_in(token)
    if wish is None:
        raise Http404("This link is not one of ours, or the account behind it is gone.")
    if request.method == "POST":
        again = request.POST.get("again") == "yes"
        if not again or may_take_back(wish):
            decide(
                wish.person,
                wish.purpose,
                agrees=again,
                channel=Channel.UNSUBSCRIBE,
                by=wish.person,
                at=timezone.now(),
            )
        if request.POST.get("List-Unsubscribe") == ONE_CLICK:
            return HttpResponse("Stopped.", content_type="text/plain")
    return _unsubscribe_page(request, wish)


def _unsubscribe_page(request: HttpRequest, wish: Wish) -> HttpResponse:
    context = {
        "label": TEXTS[wish.purpose].title,
        "words": TEXTS[wish.purpose].text,
        "wanted": is_on(wish.person, wish.purpose),
        "may_take_back": may_take_back(wish),
    }
    response = render(request, "portal/account/unsubscribe.html", context)
    # The address is as good as a signature: it stays here.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
