"""The journeys' practice with a page of each kind: ``python -m tests.journeys.headless_seed``.

Its article holds every block there is, so that a front end has to know each.
"""

from datetime import UTC, datetime
from io import BytesIO

from tests.journeys import seed  # sets Django up

# isort: split
from django.core.files.base import ContentFile
from django.utils.text import slugify
from PIL import Image as PillowImage
from wagtail.contrib.redirects.models import Redirect
from wagtail.images.models import Image

from cms.blocks import BodyBlock
from cms.models import ArticlePage, ServicePage, StandardPage, TherapistPage
from cms.tree import add_page, ensure_tree
from tests.journeys.headless_words import ARTICLE, WORDS


def main() -> None:
    seed.main()
    tree = ensure_tree()
    sana = TherapistPage(title="Sana Malik", slug="sana", therapist_code="sana", runs="800 m")
    add_page(tree.therapists, sana)
    deep = ServicePage(title="Deep tissue", slug="deep-tissue", service_code="deep", intro="Slow.")
    add_page(tree.treatments, deep)
    for title in ("Accessibility", "Cancellation and refunds"):
        add_page(tree.home, StandardPage(title=title, slug=slugify(title), intro="In short."))
    privacy = add_page(tree.home, StandardPage(title="Privacy", slug="privacy", intro="Little."))
    Redirect.objects.create(old_path="/data-protection", redirect_page=privacy)
    article = ArticlePage(
        title=ARTICLE, slug="every-block", intro="One of each.", author=sana,
        published_on=datetime.now(UTC).date(), body=list(_every_block()),
    )  # fmt: skip
    article.tags.add("Recovery")
    add_page(tree.journal, article)


def _every_block():
    values = {
        "heading": {"text": WORDS["heading"], "number": 1, "level": "2"},
        "prose": f"<p>{WORDS['prose']}</p>",
        "picture": {"image": _picture(), "caption": WORDS["picture"]},
        "quote": {"text": WORDS["quote"], "by": "Ola", "role": ""},
        "key_points": {"title": "In short", "points": [WORDS["key_points"]]},
        "do_dont": {"do": [WORDS["do_dont"]], "dont": ["Race."]},
        "exercise": {"name": WORDS["exercise"], "sets": "3", "how": "Slowly.", "caution": ""},
        "red_flag": {"title": WORDS["red_flag"], "text": "See a doctor."},
        "faq": {"title": "", "items": [{"question": WORDS["faq"], "answer": "<p>Yes.</p>"}]},
        "next_times": {"title": WORDS["next_times"], "variant": "deep-60"},
        "package_offer": {"package": "five-60", "note": WORDS["package_offer"]},
        "service_card": {"service": "deep", "note": WORDS["service_card"]},
        "therapist": {"therapist": "sana", "note": WORDS["therapist"]},
        "call_to_action": {"title": WORDS["call_to_action"], "label": "Buy", "package": "five-60"},
        "embed": {"address": "https://vimeo.com/76979871", "title": WORDS["embed"], "note": ""},
    }
    for name in BodyBlock().child_blocks:
        yield name, values[name]


def _picture():
    data = BytesIO()
    PillowImage.new("RGB", (1600, 900), "#0f3d36").save(data, "PNG")
    image = Image.objects.create(title="Lanes", file=ContentFile(data.getvalue(), "lanes.png"))
    image.contextual_alt_text, image.decorative = "Lanes of a track", False
    return image


if __name__ == "__main__":
    main()
