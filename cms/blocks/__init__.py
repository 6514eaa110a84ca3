"""The blocks of a page body. Each has a label, an icon, a preview, a template and a JSON form."""

from __future__ import annotations

from wagtail import blocks

from cms.blocks.actions import CallToActionBlock, TherapistBlock
from cms.blocks.commerce import NextTimesBlock, PackageOfferBlock, ServiceCardBlock
from cms.blocks.embeds import EmbedBlock
from cms.blocks.pictures import PictureBlock
from cms.blocks.words import (
    DoDontBlock,
    ExerciseBlock,
    FaqBlock,
    HeadingBlock,
    KeyPointsBlock,
    ProseBlock,
    QuoteBlock,
    RedFlagBlock,
)

__all__ = ["BodyBlock", "FaqBlock"]


class BodyBlock(blocks.StreamBlock):
    """What a page body is made of."""

    heading = HeadingBlock(group="Text")
    prose = ProseBlock(group="Text")
    picture = PictureBlock(group="Text")
    embed = EmbedBlock(group="Text")
    quote = QuoteBlock(group="Text")
    key_points = KeyPointsBlock(group="Running and care")
    do_dont = DoDontBlock(group="Running and care")
    exercise = ExerciseBlock(group="Running and care")
    red_flag = RedFlagBlock(group="Running and care")
    faq = FaqBlock(group="Running and care")
    next_times = NextTimesBlock(group="Booking")
    package_offer = PackageOfferBlock(group="Booking")
    service_card = ServiceCardBlock(group="Booking")
    therapist = TherapistBlock(group="Booking")
    call_to_action = CallToActionBlock(group="Booking")

    class Meta:
        required = False
