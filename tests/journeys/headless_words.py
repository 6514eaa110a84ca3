"""What the article with every block says, block by block."""

ARTICLE = "One of every block"
WORDS = {
    "heading": "A heading of its own",
    "prose": "Words in a paragraph.",
    "picture": "A caption below it",
    "quote": "I ran the next morning.",
    "key_points": "The point of it all",
    "do_dont": "Walk for ten minutes",
    "exercise": "Bent-knee calf raise",
    "red_flag": "A calf that is warm",
    "faq": "Does it hurt at all?",
    "next_times": "Three times from now",
    "package_offer": "What most people buy",
    "service_card": "Slow and deep for legs",
    "therapist": "She runs two laps",
    "call_to_action": "Heavy legs this week?",
    "embed": "A film of a calf raise",
}
