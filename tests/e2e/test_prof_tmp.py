import time
from tests.e2e.conftest import *
def test_x(place, open_tab):
    t=time.time()
    a,b=place.add("cat","coffee"); print("add",time.time()-t); t=time.time()
    e=place.connect(a,b); print("connect",time.time()-t); t=time.time()
    tab=open_tab(); print("tab",time.time()-t); t=time.time()
    tab.box(a); print("box",time.time()-t); t=time.time()
    tab.select(a); print("select",time.time()-t); t=time.time()
    tab.screen(); print("screen",time.time()-t); t=time.time()
    tab.key("b"); print("key",time.time()-t); t=time.time()
    tab.move((100,100)); print("move",time.time()-t); t=time.time()
    print(tab.ui())
test_y=test_x
