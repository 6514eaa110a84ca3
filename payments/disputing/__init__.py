"""A buyer's bank asks for the money back.

following   what Stripe says becomes of it: units frozen, free again, or gone
answering   evidence sent, or the dispute accepted
evidence    the pack: what our records say of the order, nothing about health
watching    disputes no webhook told of, deadlines that come near
"""
