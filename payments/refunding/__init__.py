"""Money back: what is due, asked for once, followed to its end.

quoting     what a refund would be, by both rules, and the token that holds it
requesting  the request is committed, its units are gone, then Stripe hears of it
approving   a refund of more units than are left, by two people
sending     the call, again with the same key until there is an answer
following   what Stripe says becomes of it
external    a refund made at Stripe: people choose which units it covers
watching    those no webhook told of, and what became of those on their way
"""
