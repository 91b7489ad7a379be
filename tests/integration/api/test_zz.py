import sys, threading, socket, httpx
from tests.integration.api.conftest import *
from tests.integration.api import images
def test_x(cluster, runbook, photo):
    db=cluster.new_database(); texts=prepare(db)
    s=make_services(db, runbook); app=create_app(s); srv=server(app,s); srv.config.load()
    b=socket.socket(); b.bind(("127.0.0.1",0)); b.listen()
    before=set(sys.modules)
    t=threading.Thread(target=srv.run,kwargs={"sockets":[b]},daemon=True); t.start(); wait_until(lambda: srv.started)
    c=httpx.Client(base_url=f"http://127.0.0.1:{b.getsockname()[1]}",headers={"Authorization":f"Bearer {texts['admin']}"},trust_env=False,timeout=60)
    c.post("/v1/collections",json={"name":"a","keep_crops":True,"retention":"3 days"},headers={"idempotency-key":"x"})
    c.post("/v1/collections",json={"name":"a"})
    c.post("/v1/collections/a/subjects",json={"external_id":"b","consent":CONSENT})
    r=c.post("/v1/collections/a/subjects/b/faces",files={"image":photo}); print(r.text)
    c.get("/v1/collections/a/subjects/b/faces/%s/crop"%r.json()["id"])
    c.post("/v1/collections/a/identify",files={"image":photo})
    c.post("/v1/collections/a/identify",json={"image":images.b64(photo)})
    for k in ("PNG","WEBP","BMP","TIFF","GIF","JPEG2000"):
        try: c.post("/v1/analyze",files={"image":images.saved(k)})
        except Exception as e: print(e)
    c.post("/v1/analyze",files={"image":images.animation("WEBP")}); c.post("/v1/analyze",files={"image":images.png_bomb()})
    for p in ("/health","/readyz","/metrics","/api/docs","/api/openapi.json","/v1/models","/v1/tokens","/nope"): c.get(p)
    c.delete("/v1/collections/a"); s.packs=None; c.get("/v1/models"); c.post("/v1/analyze",content=b"{",headers={"content-type":"application/json"})
    new=set(sys.modules)-before
    open("/tmp/newmods","w").write("\n".join(sorted(new)))
    srv.should_exit=True; t.join(10)
