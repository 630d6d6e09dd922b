import re
from tests.release.stage import *
from tests.cast import Browser
def test_web(stage):
    c=stage.cast
    lilit=c.client("lilit")
    r=lilit.get("/stories"); print(r.status_code); assert r.status_code==200
    r=lilit.post(f"/cases/{c.case}/stories",{"headline":"On the phone, we talk about the weather","language":"en"}); print(r.status_code,r.location)
    url=r.location.split("?")[0]; story=url.removesuffix("/edit")
    for p in (story,url,story+"/quotes",story+f"/quotes?statement={stage.statement.hex}",story+"/approval"):
        r=lilit.get(p); print(p,r.status_code, len(r.data)); 
    page=lilit.get(story+f"/quotes?statement={stage.statement.hex}").get_data(as_text=True)
    places=re.findall(r'name="passage" value="([^"]+)"',page); print(places, re.findall(r'<span lang="en" dir="auto">(.*?)</span>',page))
    r=lilit.post(story+"/quotes",{"language":"en","statement":stage.statement.hex,"passage":places[2],"spoken":"en","speaker":"Teren, a relative","naming":"pseudonym"}); print(r.status_code,r.location)
    r=lilit.get(url); print(r.status_code); t=r.get_data(as_text=True)
    r=lilit.post(story+"/check",{}); print(r.status_code,r.location)
    r=lilit.get(story+"/approval"); print(r.status_code); 
    irina=c.client("irina")
    t=irina.get(story+"/approval").get_data(as_text=True)
    print(re.findall(r'preview/([^"]+)"',t)); b=re.findall(r'name="bundle" value="(\w+)"',t); print(b)
