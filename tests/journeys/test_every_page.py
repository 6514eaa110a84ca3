import pytest
from tests.journeys.every_page import every_page
from tests.journeys.looking import barriers, shown
pytestmark = [pytest.mark.browser, pytest.mark.django_db]
def test_every(shown):
    import time, re, os, pickle, logging
    logging.disable(logging.CRITICAL)
    t=time.time()
    opened, shut = every_page()
    print(len(opened), time.time()-t, flush=True)
    for s in sorted(shut): print("SHUT", s)
    found=[]
    pickle.dump([(o.name, o.who, dict(o.answer.headers), o.answer.content) for o in opened], open("/tmp/axe-work/opened.pickle","wb"))
    for one in opened:
        page = shown(one.answer)
        f = list(barriers(page, one.name))
        for x in f: print("BAR", x, flush=True)
        found += f
    print(time.time()-t)
    assert found==[]
