"""What must always hold of the whole portal, each as a question to the database alone.

I01 to I25 are those of docs/invariants.md. Some are rules that money proves for itself as well
(I1 to I9 of docs/proof.md, over a stretch of time); here everything is asked as it is now.
"""

from portal.invariants import credits, diary, doors, money, people
from portal.invariants.base import Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *diary.RULES,
            diary.OF_CLOCKS,
            *credits.RULES,
            *money.RULES,
            *doors.RULES,
            doors.OF_MAIL,
            people.OF_TRAIL,
            *people.RULES,
        ),
        key=lambda rule: rule.code,
    )
)

__all__ = ["RULES", "Rule"]
